package dev.anchorhold.ledger.event;

import dev.anchorhold.platform.InvalidField;
import java.util.regex.Pattern;

/**
 * The resource that entries tell of, as far as the books need to know it; all of it fixed for its life.
 *
 * @param uid its UID in Kubernetes, in lower case
 * @param region {@code eu} or {@code us}
 * @param size a name of the ProviderConfig's sizes
 */
public record Subject(Kind kind, String uid, String namespace, String name, String region, String size) {
    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    public Subject {
        InvalidField.present(kind, "kind");
        InvalidField.form(uid, UID, "uid", "must be a UID in lower case");
        Line.check(namespace, 63, "namespace");
        Line.check(name, 253, "name");
        Line.check(region, 63, "region");
        Line.check(size, 63, "size");
    }
}
