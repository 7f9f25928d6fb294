/** The kind Account: whether it can be built for, and how much it has. Observes accounts and counts their objects; writes the account's status. */
package dev.anchorhold.operator.account;
