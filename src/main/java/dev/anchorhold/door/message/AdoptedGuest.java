package dev.anchorhold.door.message;

/**
 * The answer when an agent has taken over another's guest.
 *
 * @param settingsVersion the newest settings that the guest can fetch, 0 for none
 */
public record AdoptedGuest(long settingsVersion) {}
