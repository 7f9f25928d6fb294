package dev.anchorhold.image;

/** A processor architecture that the image can be built for, by the names that Debian, the C library and OCI have for it. */
enum Architecture {
    AMD64("amd64", "x86_64-linux-gnu", "lib64/ld-linux-x86-64.so.2"),
    ARM64("arm64", "aarch64-linux-gnu", "lib/ld-linux-aarch64.so.1");

    /** Debian's name and OCI's, which are the same. */
    final String id;
    /** Debian's folder of libraries, below {@code lib}. */
    final String libraries;
    /** Where every program of this architecture says that its dynamic linker is. */
    final String dynamicLinker;

    Architecture(String id, String libraries, String dynamicLinker) {
        this.id = id;
        this.libraries = libraries;
        this.dynamicLinker = dynamicLinker;
    }

    static Architecture ofThisComputer() {
        return System.getProperty("os.arch").equals("aarch64") ? ARM64 : AMD64;
    }
}
