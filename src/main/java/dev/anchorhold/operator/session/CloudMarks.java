package dev.anchorhold.operator.session;

import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigStatus;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Marks by which the clouds of a ProviderConfig are known again: as its status has them or, where that has none (it was
 * made anew, or restored without its status), as the objects have them that stand there. What a person declared gone,
 * by an annotation, is none.
 *
 * @param sealedKeys ids of the SSH key that is in the project; any of them will do, empty if none is known
 * @param keyExpected something stands there, so that the key is there, whatever its id
 * @param zones ids of the Cloudflare zone, likewise
 */
public record CloudMarks(Set<Long> sealedKeys, boolean keyExpected, Set<String> zones) {
    /** In the place of an id that nobody knows any more. */
    public static final String UNKNOWN = "unknown";

    public static CloudMarks of(ProviderConfig provider, Fleet fleet) {
        String name = provider.getMetadata().getName();
        var status = Optional.ofNullable(provider.getStatus());
        String keyGone = annotation(provider, ApiNames.FORGET_SEALED_KEY);
        Set<String> keys = known(
                status.map(ProviderConfigStatus::sealedKeyId).map(String::valueOf),
                fleet.sealedKeysIn(name).map(String::valueOf));
        String zoneGone = annotation(provider, ApiNames.FORGET_ZONE);
        return new CloudMarks(
                keys.stream().filter(k -> !k.equals(keyGone)).map(Long::valueOf).collect(Collectors.toSet()),
                fleet.isInUse(name) && !keyGone.equals(UNKNOWN) && !keys.contains(keyGone),
                known(status.map(ProviderConfigStatus::zoneId), fleet.zonesIn(name)).stream()
                        .filter(z -> !z.equals(zoneGone))
                        .collect(Collectors.toSet()));
    }

    private static Set<String> known(Optional<String> onRecord, Stream<String> byObjects) {
        return onRecord.map(Set::of).orElseGet(() -> byObjects.collect(Collectors.toSet()));
    }

    private static String annotation(ProviderConfig provider, String name) {
        var all = provider.getMetadata().getAnnotations();
        return all == null ? "" : all.getOrDefault(name, "");
    }
}
