package dev.anchorhold.ledger.event;

import dev.anchorhold.platform.InvalidFieldException;
import java.util.regex.Pattern;

/**
 * The resource that journal entries are about, as far as the ledger needs to know it; all of it fixed for its life.
 *
 * @param uid its UID in Kubernetes, in lower case
 * @param region {@code eu} or {@code us}
 * @param size a name of the ProviderConfig's sizes
 */
public record Subject(Kind kind, String uid, String namespace, String name, String region, String size) {
    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    public Subject {
        InvalidFieldException.requirePresent(kind, "kind");
        checkUid(uid);
        SingleLineText.check(namespace, 63, "namespace");
        SingleLineText.check(name, 253, "name");
        SingleLineText.check(region, 63, "region");
        SingleLineText.check(size, 63, "size");
    }

    static void checkUid(String uid) {
        InvalidFieldException.requireMatch(uid, UID, "uid", "must be a UID in lower case");
    }
}
