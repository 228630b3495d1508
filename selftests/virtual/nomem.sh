#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# guest/nomem every day, where kernels are built for it and waiting takes no time.
#
# timeout: 600
exec "${0%/virtual/*}/build/guest/nomem"
