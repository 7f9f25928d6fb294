/**
 * Authenticates callers, and finds which accounts they may see: those in Kubernetes that name them as a member, or all for the
 * installation's auditors. What they then may do is for each package to say.
 */
package dev.anchorhold.identity;
