package dev.anchorhold.identity;

import dev.anchorhold.resource.AccountSpec.Role;

/**
 * What somebody is in an account.
 *
 * @param displayName the account's name for people
 */
public record Membership(String displayName, Role role) {}
