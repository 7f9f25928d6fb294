package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;

/** Handlers of {@code /ssh_keys}: name and fingerprint are both unique; changes need no action (providers.md A.7). */
final class SshKeys {
    private static final Set<String> TYPES = Set.of(
            "ssh-rsa",
            "ssh-ed25519",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "sk-ssh-ed25519@openssh.com",
            "sk-ecdsa-sha2-nistp256@openssh.com");

    private final HetznerState state;

    SshKeys(HetznerState state, Router<HetznerRequest> router) {
        this.state = state;
        router.add("GET", "/ssh_keys", this::list);
        router.add("POST", "/ssh_keys", this::create);
        router.add("GET", "/ssh_keys/{id}", request -> ApiResponse.ok("ssh_key", json(own(request))));
        router.add("PUT", "/ssh_keys/{id}", this::update);
        router.add("DELETE", "/ssh_keys/{id}", request -> {
            state.tables.remove(own(request));
            return ApiResponse.EMPTY;
        });
    }

    private HetznerRow.SshKey own(HetznerRequest request) {
        return state.own(request, HetznerRow.SshKey.class, request.id("id", "ssh_key"), "ssh_key");
    }

    private ApiResponse list(HetznerRequest request) {
        String fingerprint = request.one("fingerprint");
        var keys = state.tables
                .all(HetznerRow.SshKey.class)
                .filter(key -> fingerprint == null || fingerprint.equals(key.fingerprint));
        return ListEndpoint.of(request, state.now(), "ssh_keys", keys, this::json);
    }

    private ApiResponse create(HetznerRequest request) {
        var fields = request.input();
        String name = fields.requiredText("name");
        String publicKey = fields.requiredText("public_key").strip();
        var labels = fields.labels();
        String fingerprint = fingerprint(publicKey);
        if (state.nameTaken(request, HetznerRow.SshKey.class, name, 0)) {
            throw HetznerApiError.taken("name", "SSH key with the same name already exists");
        }
        boolean known = state.tables
                .all(HetznerRow.SshKey.class)
                .anyMatch(key -> key.project == request.project().id && key.fingerprint.equals(fingerprint));
        if (known) throw HetznerApiError.taken("public_key", "SSH key with the same fingerprint already exists");
        var key = state.initialize(new HetznerRow.SshKey(), request, name);
        key.publicKey = publicKey;
        key.fingerprint = fingerprint;
        key.labels = labels;
        state.tables.put(key);
        return ApiResponse.created("ssh_key", json(key));
    }

    private ApiResponse update(HetznerRequest request) {
        var key = own(request);
        var fields = request.input();
        String name = fields.text("name");
        if (name != null && state.nameTaken(request, HetznerRow.SshKey.class, name, key.id)) {
            throw HetznerApiError.taken("name", "SSH key with the same name already exists");
        }
        if (fields.has("labels")) state.relabel(key, fields.labels());
        if (name != null) key.name = name;
        state.tables.put(key);
        return ApiResponse.ok("ssh_key", json(key));
    }

    /** Finds a key by its id or its name, for a new server. */
    HetznerRow.SshKey find(HetznerRequest request, String idOrName) {
        return state.tables
                .all(HetznerRow.SshKey.class)
                .filter(key -> key.project == request.project().id)
                .filter(key ->
                        key.name.equals(idOrName) || Long.toString(key.id).equals(idOrName))
                .findFirst()
                .orElseThrow(() -> HetznerApiError.invalid("ssh_keys", "SSH key '%s' not found".formatted(idOrName)));
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

    private static HetznerApiError notAKey() {
        return HetznerApiError.invalid("public_key", "is not a valid SSH public key");
    }

    private ObjectNode json(HetznerRow.SshKey key) {
        var json = ApiResponse.Json.object().put("id", key.id).put("name", key.name);
        json.put("fingerprint", key.fingerprint).put("public_key", key.publicKey);
        json.set("labels", Labels.json(key.labels));
        return json.put("created", HetznerState.time(key.created));
    }
}
