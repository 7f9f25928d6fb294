package dev.anchorhold.api;

import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.Subject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** The fields by which an item names its resource; in JSON they stand among the item's own. */
record ResourceFields(
        @Schema(description = "the resource's UID; it may be gone")
        String resource,

        Kind kind,
        String namespace,
        String name,
        String region,
        String size) {

    static ResourceFields of(Subject it) {
        return new ResourceFields(it.uid(), it.kind(), it.namespace(), it.name(), it.region(), it.size());
    }
}
