# SPDX-License-Identifier: GPL-2.0
# The module itself is described by Kbuild; this is what people type.

# The kernel to build for, and its build system.
KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build

# Read by tools/check, tools/lint, tools/vm/run, tools/coverage, selftests/fuzz/*,
# tools/timing/run and tools/bench/run.
export NATIVE KERNELS TESTS SEED SCHEDULES SOAK PACKETS CALLS WRITE PATHS SEEDS CELLS GUESTS ROUNDS

.PHONY: module tools run check check-debug coverage fuzz soak timing bench lint clean install \
	modules_install help headers

module: headers			## build rdgram.ko for this machine's kernel, or for KDIR=
	@echo "building rdgram.ko against $(KDIR)"
	@$(MAKE) -s -C $(KDIR) M=$(CURDIR) modules

headers:
	@test -e $(KDIR)/Makefile || { \
		echo "no kernel headers in $(KDIR): install the package linux-headers-$(KVER)," \
		     "or say KDIR=" >&2; exit 1; }

tools:				## build the programs rdgram and rdgram-run
	@$(MAKE) -C tools/rdgram
	@$(MAKE) -C tools/rdgram-run

run:				## show rdgram at work, in a guest (NATIVE=1: on this kernel)
	@tools/demo/run

check:				## build and test everything (TESTS=regex KERNELS="6.1 6.12 7" SEED= SCHEDULES= NATIVE=1)
	@DEBUG= tools/check

check-debug:			## the selftests on kernels that find bugs: kasan, kcsan (TESTS=regex KERNELS=kasan)
	@DEBUG=1 tools/check

timing:				## compare with TCP, SCTP, RDS in virtual time (PATHS=regex SEEDS=n QUICK=1 WRITE=1 PEERS=DIR)
	@tools/timing/run $(if $(QUICK),--quick) $(if $(WRITE),--write) $(if $(PEERS),--peers $(PEERS))

bench:				## rates and costs beside UDP, TCP, SCTP, RDS (CELLS=regex GUESTS=regex ROUNDS=n QUICK=1 WRITE=1)
	@tools/bench/run $(if $(QUICK),--quick) $(if $(WRITE),--write)

coverage:			## which lines of net/rdgram/ the suites run (TESTS=regex SCHEDULES=)
	@tools/coverage

fuzz:				## 10 million packets and a million calls of anybody's making (PACKETS=n CALLS=n SEED= WRITE=1)
	@selftests/fuzz/run
	@selftests/fuzz/calls

soak:				## as check, with the tests that take long
	@DEBUG= SOAK=1 tools/check

lint:				## checkpatch, sparse, W=1, shellcheck (KERNELS="6.1 6.12 7": W=1 for these)
	@tools/lint

install: modules_install	## install the module for this machine's kernel (as root)

modules_install: module
	@$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install
	depmod $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) \
		$$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)

clean:				## remove what was built; the kernels in the cache stay
	@rm -rf build
	@find net -name '*.o' -delete -o -name '.*.cmd' -delete
	@rm -f *.o *.ko *.mod *.mod.c .*.cmd Module.symvers modules.order
	@for d in tools/rdgram tools/rdgram-run selftests selftests/user; do \
		test ! -e $$d/Makefile || $(MAKE) -s -C $$d clean || exit; done

help:				## this list
	@sed -n 's/^\([a-z_-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 16
