/**
 * Who calls, and which accounts are theirs to see: the members that the Accounts in Kubernetes name, and the installation's
 * auditors. What they then may do is for each room to say.
 */
package dev.anchorhold.identity;
