package dev.anchorhold.operator.plainvm;

import dev.anchorhold.guest.SshPublicKey;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.PlainVmSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Resolves and checks the public SSH keys that are authorized on a PlainVm.
 *
 * @param wanted whole keys, or names that the account has for some
 * @param known the account's keys by their names
 */
record AuthorizedKeys(List<String> wanted, Map<String, String> known) {

    static AuthorizedKeys of(PlainVmSpec spec, Account account) {
        Map<String, String> known = new TreeMap<>();
        if (account.getSpec().sshKeys() != null) {
            account.getSpec().sshKeys().forEach(k -> known.put(k.name(), k.publicKey()));
        }
        return new AuthorizedKeys(spec.sshKeys() == null ? List.of() : spec.sshKeys(), known);
    }

    /** Fewer than wanted when some are unknown or are none. */
    List<String> lines() {
        return wanted.stream().map(this::line).flatMap(Optional::stream).toList();
    }

    private Optional<String> line(String wanted) {
        String line = wanted.contains(" ") ? wanted : known.get(wanted);
        return Optional.ofNullable(line).flatMap(SshPublicKey::parse).map(SshPublicKey::line);
    }

    /** What is wrong with the first that is none. */
    Optional<String> complaint() {
        return wanted.stream()
                .filter(k -> line(k).isEmpty())
                .map(k -> k.contains(" ")
                        ? "'" + k.substring(0, Math.min(30, k.length()))
                                + "…' is not a whole public key of that kind; copy the whole line from the .pub file"
                        : known.containsKey(k)
                                ? "the Account's key '" + k + "' is not a whole public key of that kind"
                                : "no key is named '" + k + "'")
                .findFirst();
    }
}
