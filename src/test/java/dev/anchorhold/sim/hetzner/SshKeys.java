package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;

/** SSH public keys of a project; name and fingerprint are both unique; changes need no action (providers.md A.7). */
final class SshKeys {
    private static final Set<String> TYPES = Set.of(
            "ssh-rsa",
            "ssh-ed25519",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "sk-ssh-ed25519@openssh.com",
            "sk-ecdsa-sha2-nistp256@openssh.com");

    private final Cloud cloud;

    SshKeys(Cloud cloud, Router<Call> router) {
        this.cloud = cloud;
        router.add("GET", "/ssh_keys", this::list);
        router.add("POST", "/ssh_keys", this::create);
        router.add("GET", "/ssh_keys/{id}", call -> Answer.ok("ssh_key", json(own(call))));
        router.add("PUT", "/ssh_keys/{id}", this::update);
        router.add("DELETE", "/ssh_keys/{id}", call -> {
            cloud.store.remove(own(call));
            return Answer.EMPTY;
        });
    }

    private Row.SshKey own(Call call) {
        return cloud.own(call, Row.SshKey.class, call.id("id", "ssh_key"), "ssh_key");
    }

    private Answer list(Call call) {
        String fingerprint = call.one("fingerprint");
        var keys = cloud.store
                .all(Row.SshKey.class)
                .filter(key -> fingerprint == null || fingerprint.equals(key.fingerprint));
        return Listing.of(call, cloud.now(), "ssh_keys", keys, this::json);
    }

    private Answer create(Call call) {
        var input = call.input();
        String name = input.requiredText("name");
        String publicKey = input.requiredText("public_key").strip();
        var labels = input.labels();
        String fingerprint = fingerprint(publicKey);
        if (cloud.nameTaken(call, Row.SshKey.class, name, 0)) {
            throw ApiError.taken("name", "SSH key with the same name already exists");
        }
        boolean known = cloud.store
                .all(Row.SshKey.class)
                .anyMatch(key -> key.project == call.project().id && key.fingerprint.equals(fingerprint));
        if (known) throw ApiError.taken("public_key", "SSH key with the same fingerprint already exists");
        var key = cloud.born(new Row.SshKey(), call, name);
        key.publicKey = publicKey;
        key.fingerprint = fingerprint;
        key.labels = labels;
        cloud.store.put(key);
        return Answer.created("ssh_key", json(key));
    }

    private Answer update(Call call) {
        var key = own(call);
        var input = call.input();
        String name = input.text("name");
        if (name != null && cloud.nameTaken(call, Row.SshKey.class, name, key.id)) {
            throw ApiError.taken("name", "SSH key with the same name already exists");
        }
        if (input.has("labels")) cloud.relabel(key, input.labels());
        if (name != null) key.name = name;
        cloud.store.put(key);
        return Answer.ok("ssh_key", json(key));
    }

    /** The key that is meant by an id or a name, for a new server. */
    Row.SshKey find(Call call, String idOrName) {
        return cloud.store
                .all(Row.SshKey.class)
                .filter(key -> key.project == call.project().id)
                .filter(key ->
                        key.name.equals(idOrName) || Long.toString(key.id).equals(idOrName))
                .findFirst()
                .orElseThrow(() -> ApiError.invalid("ssh_keys", "SSH key '%s' not found".formatted(idOrName)));
    }

    private static String fingerprint(String publicKey) {
        String[] parts = publicKey.split("\\s+", 3);
        if (parts.length < 2 || !TYPES.contains(parts[0])) throw notAKey();
        try {
            byte[] blob = Base64.getDecoder().decode(parts[1]);
            byte[] type = parts[0].getBytes(StandardCharsets.US_ASCII);
            boolean named =
                    blob.length > type.length + 4 && Arrays.equals(type, Arrays.copyOfRange(blob, 4, 4 + type.length));
            if (!named) throw notAKey();
            byte[] md5 = MessageDigest.getInstance("MD5").digest(blob);
            return HexFormat.ofDelimiter(":").formatHex(md5);
        } catch (IllegalArgumentException e) {
            throw notAKey();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ApiError notAKey() {
        return ApiError.invalid("public_key", "is not a valid SSH public key");
    }

    private ObjectNode json(Row.SshKey key) {
        var json = Answer.Json.object().put("id", key.id).put("name", key.name);
        json.put("fingerprint", key.fingerprint).put("public_key", key.publicKey);
        json.set("labels", Labels.json(key.labels));
        return json.put("created", Cloud.time(key.created));
    }
}
