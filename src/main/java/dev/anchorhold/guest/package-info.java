/**
 * What runs in a virtual machine: cloud-init documents, built as data and serialised, and the guest program that an Agent's
 * document brings ({@code guest.py} among the resources). No I/O.
 */
package dev.anchorhold.guest;
