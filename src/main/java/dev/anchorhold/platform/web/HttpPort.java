package dev.anchorhold.platform.web;

import dev.anchorhold.platform.Settings;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The ports of a companion, and which paths each has: what is not a port's is not there, whatever an ingress lets through. Health
 * and metrics have a server of their own (Quarkus' management interface).
 */
enum HttpPort {
    /** For people, their programs, verifiers and guests, behind an ingress. */
    OPEN(Settings.Http::port, "/guest/", "/api/", "/log/"),
    /** For guests alone: what an Agent's container can reach shows nothing else. */
    DOOR(Settings.Http::doorPort, "/guest/"),
    /** For the operator. */
    INTERNAL(Settings.Http::internalPort, "/internal/");

    private static final String DASHBOARD = "/dashboard/";

    private final ToIntFunction<Settings.Http> number;
    private final List<String> prefixes;

    HttpPort(ToIntFunction<Settings.Http> number, String... prefixes) {
        this.number = number;
        this.prefixes = List.of(prefixes);
    }

    int number(Settings.Http settings) {
        return number.applyAsInt(settings);
    }

    /**
     * @param path a canonical one
     * @param dashboard whether there is one
     */
    boolean serves(String path, boolean dashboard) {
        return prefixes.stream().anyMatch(path::startsWith)
                || this == OPEN && dashboard && (path.equals("/") || path.startsWith(DASHBOARD));
    }
}
