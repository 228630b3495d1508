/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A module is the program: its parameters are the arguments, name=number, and
 * main() calls what would be called when it is loaded and unloaded.
 */
#ifndef _USER_LINUX_MODULE_H
#define _USER_LINUX_MODULE_H

#include <linux/types.h>

/**
 * struct user_param - a parameter of the module
 *
 * @name: its name.
 * @set: gives it a value.
 * @next: in the list of all.
 */
struct user_param {
	const char *name;
	void (*set)(unsigned long long value);
	struct user_param *next;
};

void user_param_add(struct user_param *p);
int user_module_init(void);
void user_module_exit(void);

#define module_param(variable, type, mode)					\
	static void variable##_set(unsigned long long value)			\
	{									\
		(variable) = value;						\
	}									\
	static __attribute__((constructor)) void variable##_add(void)		\
	{									\
		static struct user_param p = {					\
			.name = #variable, .set = variable##_set,		\
		};								\
		user_param_add(&p);						\
	}									\
	struct user_param

#define module_init(function)	int user_module_init(void) __attribute__((alias(#function)))
#define module_exit(function)	void user_module_exit(void) __attribute__((alias(#function)))

#define MODULE_PARM_DESC(variable, text)	struct user_param
#define MODULE_DESCRIPTION(text)		struct user_param
#define MODULE_LICENSE(text)			struct user_param

#endif /* _USER_LINUX_MODULE_H */
