# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# A kernel source tree of three files that "builds" in a moment, and Debian's source package of it. Sourced after fake.sh.

# fake_tree FOLDER: its bzImage has the boot header's marks and says what its source said. Its rules leave each call in
# FOLDER/calls of the copy that is built.
fake_tree() {
	mkdir -p "$1/mm" "$1/drivers/gpu" "$1/Documentation"
	printf 'mainmenu "fake"\n' >"$1/Kconfig"
	printf 'int answer = 1;\n\n\n\n\n\nint other = 2;\n' >"$1/mm/migrate.c"
	printf 'config GPU\n' >"$1/drivers/gpu/Kconfig"
	printf 'int gpu;\n' >"$1/drivers/gpu/gpu.c"
	printf '*.o\n/arch\n/calls\n.config\n' >"$1/.gitignore"
	cat >"$1/Makefile" <<-'EOF'
		VERSION = 6
		PATCHLEVEL = 12
		.RECIPEPREFIX = >
		MAKEFLAGS += --no-print-directory
		image = arch/x86/boot/bzImage

		allnoconfig:
		>@cp "$(KCONFIG_ALLCONFIG)" .config.new
		>@[ ! -e refuses ] || grep -v "$$(cat refuses)" .config.new >.config
		>@[ -e refuses ] || cp .config.new .config
		>@rm .config.new
		>@echo configured >>calls
		prepare:
		>@[ ! -e sleeps ] || { echo $$$$ >sleeping; sleep 60; }
		mm/migrate.o: mm/migrate.c
		>@echo '  CC      mm/migrate.o'; gcc -c -o $@ $<
		>@echo compiled >>calls
		$(image): mm/migrate.o .config
		>@mkdir -p arch/x86/boot
		>@head -c 510 /dev/zero >$@.new; printf '\125\252\353\146HdrS' >>$@.new; cat mm/migrate.c .config >>$@.new
		>@mv $@.new $@
		bzImage: $(image)
		olddefconfig:
		>@sed -i '/SYSTEM_TRUSTED_KEYS="debian/d' .config
		bindeb-pkg: $(image)
		>@cp $(image) ../linux-image-6.12.7-wbit_1_amd64.deb
		>@echo headers >../linux-libc-dev_1_amd64.deb
		.PHONY: allnoconfig prepare bzImage olddefconfig bindeb-pkg
	EOF
}

# fake_source SERIES VERSION [BYTES]: puts linux-source-SERIES with such a tree into the made-up repository; with a file of
# that size in it.
fake_source() {
	local root
	root=$(mktemp -d "$scratch/root-XXXXXX")
	mkdir -p "$root/usr/src"
	fake_tree "$root/linux-source-$1"
	head -c "${3:-0}" /dev/zero >"$root/linux-source-$1/mm/large"
	tar -C "$root" -cJf "$root/usr/src/linux-source-$1.tar.xz" "linux-source-$1"
	rm -rf "$root/linux-source-$1"
	fake_deb "repo/linux-source-$1.deb" "linux-source-$1" "$2" "$root"
	printf '%s\n' "$2" >"repo/linux-source-$1.version"
	rm -rf "$root"
}

# fake_files: a series of two patches for it and a configuration, in ./files.
fake_files() {
	local series
	for series in 6.1 6.12; do
		mkdir -p "files/patches/$series"
		printf -- '--- a/mm/migrate.c\n+++ b/mm/migrate.c\n@@ -1,2 +1,3 @@\n int answer = 1;\n+int policy = 3;\n \n' \
			>"files/patches/$series/0001-one.patch"
		printf -- '--- a/mm/migrate.c\n+++ b/mm/migrate.c\n@@ -1,3 +1,4 @@\n int answer = 1;\n%s\n%s\n \n' \
			' int policy = 3;' '+int file = 4;' >"files/patches/$series/0002-two.patch"
	done
	mkdir -p files/configs
	printf 'CONFIG_NUMA=y\nCONFIG_MIGRATION=y\n' >files/configs/lab.config
	printf 'CONFIG_MIGRATE_RESTORE_POLICY=y\n' >files/configs/switch.config
	printf '# CONFIG_NUMA is not set\n' >files/configs/lean.config
	export WBIT_KERNEL_FILES=$scratch/files
}
