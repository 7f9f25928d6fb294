/**
 * What runs in a virtual machine: cloud-init documents, built as data and serialised, and the guest program that an Agent's
 * document brings (modules in Python among the resources, in {@code program}). No I/O.
 */
package dev.anchorhold.guest;
