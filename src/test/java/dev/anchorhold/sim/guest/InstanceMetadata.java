package dev.anchorhold.sim.guest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The metadata service's responses to one guest, by path below {@code /hetzner/v1/} (providers.md A.14; the form of
 * network-config is that of Hetzner's datasource in cloud-init).
 */
record InstanceMetadata(Machine machine) {

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER, YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES, YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .build();

    private static final List<String> DNS_V6 = List.of("2a01:4ff:ff00::add:2", "2a01:4ff:ff00::add:1");

    /** Writes them where metadata.py reads them. @param folder the world's folder for guests */
    void write(Path folder) {
        try {
            Files.createDirectories(file(folder).getParent());
            Files.writeString(file(folder), new ObjectMapper().writeValueAsString(responses()));
        } catch (IOException e) {
            throw new GuestFailure("the metadata cannot be written", e);
        }
    }

    void remove(Path folder) {
        try {
            Files.deleteIfExists(file(folder));
        } catch (IOException e) {
            throw new GuestFailure("the metadata cannot be removed", e);
        }
    }

    private Path file(Path folder) {
        return folder.resolve("metadata").resolve(machine.ipv4().orElse("none-" + machine.serverId()) + ".json");
    }

    private Map<String, String> responses() throws JsonProcessingException {
        var items = new LinkedHashMap<String, Object>();
        items.put("availability-zone", machine.location() + "-dc1");
        items.put("hostname", machine.hostname());
        items.put("instance-id", machine.serverId());
        items.put("local-ipv4", "");
        items.put("public-ipv4", machine.ipv4().orElse(""));
        items.put("region", region(machine.location()));
        items.put("public-keys", machine.publicKeys());
        items.put("network-config", networkConfig());

        var responses = new LinkedHashMap<String, String>();
        items.forEach((name, value) -> responses.put(
                "metadata/" + name,
                value instanceof List<?> || value instanceof Map<?, ?> ? yaml(value) : value.toString()));
        responses.put("metadata/private-networks", "[]\n");
        responses.put("metadata", yaml(items));
        responses.put("userdata", machine.userData().orElse(""));
        return responses;
    }

    private Map<String, Object> networkConfig() {
        var subnets = new ArrayList<Map<String, Object>>();
        subnets.add(Map.of("type", "dhcp", "ipv4", true));
        ipv6Address()
                .ifPresent(address -> subnets.add(Map.of(
                        "type",
                        "static",
                        "ipv6",
                        true,
                        "address",
                        address,
                        "gateway",
                        "fe80::1",
                        "dns_nameservers",
                        DNS_V6)));
        return Map.of(
                "version",
                1,
                "config",
                List.of(Map.of("type", "physical", "name", "eth0", "mac_address", mac(), "subnets", subnets)));
    }

    /** The first address of the guest's network, such as {@code 2001:db8:1:2::1/64}: the only one that it sets up. */
    Optional<String> ipv6Address() {
        return machine.ipv6Network().map(network -> network.replace("::/64", "::1/64"));
    }

    /** Unique in a world, since servers' ids are. */
    String mac() {
        var id = machine.serverId();
        return "96:00:%02x:%02x:%02x:%02x".formatted(id >> 24 & 0xff, id >> 16 & 0xff, id >> 8 & 0xff, id & 0xff);
    }

    private static String region(String location) {
        return switch (location) {
            case "hil" -> "us-west";
            case "ash" -> "us-east";
            case "sin" -> "ap-southeast";
            default -> "eu-central";
        };
    }

    private static String yaml(Object value) {
        try {
            return YAML.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
