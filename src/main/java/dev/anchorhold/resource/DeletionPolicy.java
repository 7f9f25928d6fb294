package dev.anchorhold.resource;

/** What happens in the clouds when an object is deleted. */
public enum DeletionPolicy {
    /** All that stands for it goes. */
    Delete,
    /** It stays, without our labels, and is no longer looked after. */
    Orphan
}
