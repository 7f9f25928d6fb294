/** What runs in a virtual machine: cloud-init documents, built as data and serialised. No I/O. */
package dev.anchorhold.guest;
