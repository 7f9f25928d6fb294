package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Handlers of what is only read: locations, server types, prices, and the kinds of which this simulator has none. */
final class ReferenceData {
    /** Storage boxes are at another address in the real world; clients find them by {@code HETZNER_ENDPOINT}. */
    private static final List<String> EMPTY = List.of(
            "networks",
            "floating_ips",
            "load_balancers",
            "load_balancer_types",
            "certificates",
            "isos",
            "zones",
            "storage_boxes",
            "storage_box_types");

    private final HetznerState state;

    ReferenceData(HetznerState state, Router<HetznerRequest> router) {
        this.state = state;
        var catalogue = state.catalogue;
        family(router, "locations", "location", () -> catalogue.locations.values().stream(), Function.identity());
        family(
                router,
                "server_types",
                "server_type",
                catalogue.serverTypes::stream,
                type -> catalogue.json(type, state.knobs));
        for (String kind : EMPTY) {
            String one = kind.replaceFirst("xes$", "x").replaceFirst("s$", "");
            family(router, kind, one, Stream::<ObjectNode>empty, Function.identity());
        }
        router.add("GET", "/pricing", _ -> ApiResponse.ok("pricing", pricing()));
        router.add("GET", "/datacenters", _ -> datacenters());
        router.add("GET", "/datacenters/{id}", _ -> datacenters());
    }

    private <T> void family(
            Router<HetznerRequest> router,
            String kinds,
            String kind,
            Supplier<Stream<T>> rows,
            Function<T, ObjectNode> json) {
        router.add("GET", "/" + kinds, request -> {
            String name = request.one("name");
            String selector = request.one("label_selector");
            if (selector != null) LabelSelector.parse(selector);
            var found = rows.get()
                    .map(json)
                    .filter(row -> name == null || name.equals(row.path("name").asText()))
                    .toList();
            return ListEndpoint.page(request, kinds, found, Function.identity());
        });
        router.add("GET", "/" + kinds + "/{id}", request -> {
            long id = request.id("id", kind);
            return rows.get()
                    .map(json)
                    .filter(row -> row.path("id").asLong() == id)
                    .findFirst()
                    .map(row -> ApiResponse.ok(kind, row))
                    .orElseThrow(() -> HetznerApiError.notFound(kind, id));
        });
    }

    private static ApiResponse datacenters() {
        var details = ApiResponse.Json.object()
                .put("announcement", "https://docs.hetzner.cloud/changelog#2026-06-02-datacenters-deprecated");
        throw new HetznerApiError(410, "deprecated_api_endpoint", "this endpoint is no longer available", details);
    }

    private ObjectNode pricing() {
        var json = ApiResponse.Json.object().put("currency", "EUR").put("vat_rate", "0.000000");
        json.putObject("image").set("price_per_gb_month", SimulatedCatalogue.money(0.011));
        json.putObject("floating_ip").set("price_monthly", SimulatedCatalogue.money(3));
        json.putArray("load_balancer_types");
        // hcloud-go makes room for as many primary_ips as there are floating_ips, so both have both types.
        addressPrices(json.putArray("floating_ips"), 3, false);
        addressPrices(json.putArray("primary_ips"), 0.5, true);
        json.putObject("server_backup").put("percentage", "20.0000000000");
        var types = json.putArray("server_types");
        for (var type : state.catalogue.serverTypes) {
            types.addObject().put("id", type.id()).put("name", type.name()).set("prices", state.catalogue.prices(type));
        }
        json.putObject("traffic").set("price_per_tb", SimulatedCatalogue.money(0));
        json.putObject("volume").set("price_per_gb_month", SimulatedCatalogue.money(0.0572));
        return json;
    }

    /** IPv6 costs nothing. */
    private void addressPrices(ArrayNode array, double ipv4Monthly, boolean hourly) {
        for (String type : List.of("ipv4", "ipv6")) {
            double monthly = type.equals("ipv4") ? ipv4Monthly : 0;
            var prices = array.addObject().put("type", type).putArray("prices");
            for (String location : state.catalogue.locations.keySet()) {
                var price = prices.addObject().put("location", location);
                if (hourly) price.set("price_hourly", SimulatedCatalogue.money(monthly / 624));
                price.set("price_monthly", SimulatedCatalogue.money(monthly));
            }
        }
    }
}
