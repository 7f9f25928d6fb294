/**
 * Anchorhold: one cloud server per agent and per plain VM, declared in Kubernetes. The rooms below, and what each may
 * import, are listed in {@code docs/design.md} and enforced by {@code RoomsTest}.
 */
package dev.anchorhold;
