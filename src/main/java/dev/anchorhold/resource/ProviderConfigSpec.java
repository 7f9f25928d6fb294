package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Optional;

/** Desired state of a ProviderConfig: credentials, regions, sizes and policies of one cloud. */
@ValidationRule(
        value = "!has(oldSelf.cloudflare) || has(self.cloudflare)",
        message =
                "spec.cloudflare can be added, never taken away: Agents' tunnels are there; make a new ProviderConfig")
@ValidationRule(
        value = "!has(self.orphanVolumesAfterDays) || self.orphans == 'Delete'",
        message = "spec.orphanVolumesAfterDays: needs spec.orphans: Delete")
@JsonIgnoreProperties(ignoreUnknown = true)
public record ProviderConfigSpec(
        @Required @JsonPropertyDescription("The Hetzner Cloud project to build in.")
        Hetzner hetzner,

        @JsonPropertyDescription("The Cloudflare account and zone for Agents' tunnels and host names. Without it no"
                + " Agent can be made here.")
        Cloudflare cloudflare,

        @Default("{}") @JsonPropertyDescription("Which of the cloud's locations each region means.")
        Regions regions,

        @Required
        @Size(min = 1, max = 50)
        @JsonPropertyDescription("The sizes that VMs and Agents may ask for, and what each means in each region.")
        List<ServerSize> sizes,

        @Default("PerVm")
        @JsonPropertyDescription(
                "PerVm: every PlainVm has a firewall of its own. ByContent: VMs of one account with equal"
                        + " rules share one, since Hetzner allows a customer 50 firewalls unless asked for more.")
        Firewalls firewalls,

        @Default("Report")
        @JsonPropertyDescription(
                "What to do with servers, volumes, firewalls, tunnels and records that carry this installation's label and belong to no object"
                        + " any more. Report: say so in a condition. Delete: after a wait and a second look, delete them,"
                        + " a few at a time. Data volumes stay even then: see orphanVolumesAfterDays.")
        Orphans orphans,

        @Min(3)
        @Max(365)
        @JsonPropertyDescription(
                "After how many days a data volume that belongs to no object any more is deleted, and all data with it."
                        + " Never when absent. Needs orphans: Delete.")
        Integer orphanVolumesAfterDays,

        @Default("debian-12")
        @Size(min = 1, max = 63)
        @ValidationRule(
                value = CelRules.OBJECT_NAME,
                message = "spec.agentBaseImage: the cloud's name of a system image, such as debian-12: "
                        + CelRules.OBJECT_NAME_SAYS)
        @JsonPropertyDescription("The system image that new Agents' servers start from, by the cloud's name for it. An"
                + " Agent keeps the one that it was provisioned with.")
        String agentBaseImage) {

    public enum Firewalls {
        PerVm,
        ByContent
    }

    public enum Orphans {
        Report,
        Delete
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Hetzner(
            @Size(max = 500)
            @ValidationRule(
                    value = CelRules.ENDPOINT,
                    message = "spec.hetzner.endpoint: a URL such as https://api.hetzner.cloud/v1: "
                            + CelRules.ENDPOINT_SAYS)
            @JsonPropertyDescription("The API's address; https://api.hetzner.cloud/v1 when absent. Another needs the"
                    + " installation's leave (chart value providers.endpoints).")
            String endpoint,

            @Required
            @JsonPropertyDescription(
                    "The Secret with the project's API token (read and write), with the label anchorhold.dev/provider-token=true, in"
                            + " the namespace of the providers' tokens.")
            TokenSecretRef tokenSecretRef) {}

    /** {@code domain} and {@code publicUrl} may be absent: see {@link #domainOrZone} and {@link #url}. */
    @ValidationRule(
            value = "!has(self.domain) || self.domain == self.zone || self.domain.endsWith('.' + self.zone)",
            message = "spec.cloudflare.domain: the zone itself, or a name below it")
    @ValidationRule(
            value = "has(self.domain) == has(oldSelf.domain) && (!has(self.domain) || self.domain == oldSelf.domain)",
            message = "spec.cloudflare.domain is fixed for life: Agents have their host names in it")
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Cloudflare(
            @Size(max = 500)
            @ValidationRule(
                    value = CelRules.ENDPOINT,
                    message = "spec.cloudflare.endpoint: a URL such as https://api.cloudflare.com/client/v4: "
                            + CelRules.ENDPOINT_SAYS)
            @JsonPropertyDescription(
                    "The API's address; https://api.cloudflare.com/client/v4 when absent. Another needs the"
                            + " installation's leave (chart value providers.endpoints).")
            String endpoint,

            @Required
            @Size(min = 32, max = 32)
            @ValidationRule(
                    value = "self.matches('^[0-9a-f]{32}$')",
                    message =
                            "spec.cloudflare.accountId: 32 hexadecimal digits in lower case, as the dashboard shows it")
            @ValidationRule(
                    value = "self == oldSelf",
                    message = "spec.cloudflare.accountId is fixed for life: Agents' tunnels are there; make a new"
                            + " ProviderConfig")
            @JsonPropertyDescription("The id of the account that the tunnels are made in. Fixed for life.")
            String accountId,

            @Required
            @Size(min = 1, max = 253)
            @ValidationRule(
                    value = CelRules.DNS_NAME,
                    message = "spec.cloudflare.zone: the name of a zone of that account, such as example.com: "
                            + CelRules.DNS_NAME_SAYS)
            @ValidationRule(
                    value = "self == oldSelf",
                    message = "spec.cloudflare.zone is fixed for life: Agents' host names are there; make a new"
                            + " ProviderConfig")
            @JsonPropertyDescription("The zone for Agents' host names, by its name. Fixed for life.")
            String zone,

            @Size(min = 1, max = 200)
            @ValidationRule(
                    value = CelRules.DNS_NAME,
                    message = "spec.cloudflare.domain: a domain name such as agents.example.com: "
                            + CelRules.DNS_NAME_SAYS)
            @JsonPropertyDescription(
                    "Where in the zone the host names are: the zone itself when absent. Cloudflare's own"
                            + " certificates cover one level below the zone; see certificate. Fixed for life.")
            String domain,

            @Required
            @JsonPropertyDescription(
                    "The Secret with an API token (Cloudflare Tunnel: Edit, DNS: Edit, Zone: Read), with the"
                            + " label anchorhold.dev/provider-token=true, in the namespace of the providers' tokens.")
            TokenSecretRef tokenSecretRef,

            @Size(max = 500)
            @ValidationRule(
                    value = "self.matches('^https?://[{]host[}](:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$')",
                    message =
                            "spec.cloudflare.publicUrl: a URL with {host} in the place of the host name, such as"
                                    + " https://{host}: http or https, perhaps a port, and a path of letters, digits and . _ ~ - /")
            @JsonPropertyDescription("How a browser reaches an Agent; https://{host} when absent.")
            String publicUrl,

            @JsonPropertyDescription(
                    "Which certificate the edge shows for the host names. Universal: Cloudflare's own, which covers"
                            + " names one level below the zone. Advanced: one that you ordered there for *.<domain> (Advanced"
                            + " Certificate Manager, Total TLS). Universal when absent.")
            Certificate certificate) {

        public enum Certificate {
            Universal,
            Advanced
        }

        public String domainOrZone() {
            return domain == null ? zone : domain;
        }

        /** Whether a browser is shown a certificate for names in the domain, as far as it asks for one. */
        public boolean coversDomain() {
            return domainOrZone().equals(zone)
                    || certificate == Certificate.Advanced
                    || !url("host").startsWith("https:");
        }

        /** Where a browser finds the Agent of this host name. */
        public String url(String hostname) {
            return (publicUrl == null ? "https://{host}" : publicUrl).replace("{host}", hostname);
        }
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record TokenSecretRef(
            @Required
            @Size(min = 1, max = 253)
            @ValidationRule(
                    value = CelRules.OBJECT_NAME,
                    message = "tokenSecretRef.name: the name of a Secret: " + CelRules.OBJECT_NAME_SAYS
                            + ". The token itself goes into the Secret, never here")
            @JsonPropertyDescription("The Secret's name.")
            String name,

            @Default("token")
            @Size(min = 1, max = 253)
            @ValidationRule(
                    value = CelRules.SECRET_KEY,
                    message = "tokenSecretRef.key: a key of the Secret's data: letters, digits, '-', '_' and '.'")
            @JsonPropertyDescription("The key in its data.")
            String key) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Regions(
            @Default("hil")
            @Size(max = 32)
            @ValidationRule(
                    value = CelRules.CLOUD_NAME,
                    message = "spec.regions.us: the cloud's name of a location, such as hil or ash: "
                            + CelRules.CLOUD_NAME_SAYS)
            @JsonPropertyDescription("Location for region us.")
            String us,

            @Default("hel1")
            @Size(max = 32)
            @ValidationRule(
                    value = CelRules.CLOUD_NAME,
                    message = "spec.regions.eu: the cloud's name of a location, such as hel1, fsn1 or nbg1: "
                            + CelRules.CLOUD_NAME_SAYS)
            @JsonPropertyDescription("Location for region eu.")
            String eu) {

        public String location(Region region) {
            return switch (region) {
                case US -> us;
                case EU -> eu;
            };
        }
    }

    /** A size: per region the server types to try, best first. */
    @ValidationRule(
            value = "(has(self.us) && size(self.us) > 0) || (has(self.eu) && size(self.eu) > 0)",
            message = "spec.sizes: give each size at least one server type, in us or in eu")
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record ServerSize(
            @Required
            @Size(min = 1, max = 63)
            @ValidationRule(
                    value = "[self].all(k, " + CelRules.SHORT_NAME + ")",
                    message = "spec.sizes.name: " + CelRules.SHORT_NAME_SAYS + ", such as small")
            @JsonPropertyDescription("The name that VMs ask for, such as small.")
            String name,

            @Size(max = 10)
            @ValidationRule(
                    value = "self.all(t, t.matches('^[a-z0-9-]+$'))",
                    message = "spec.sizes.us: the cloud's names of server types, such as cx23 or cpx11: "
                            + CelRules.CLOUD_NAME_SAYS)
            @JsonPropertyDescription(
                    "Server types for region us, best first. The next one is taken when one is sold out.")
            List<@Size(min = 1, max = 32) String> us,

            @Size(max = 10)
            @ValidationRule(
                    value = "self.all(t, t.matches('^[a-z0-9-]+$'))",
                    message = "spec.sizes.eu: the cloud's names of server types, such as cx23 or cpx11: "
                            + CelRules.CLOUD_NAME_SAYS)
            @JsonPropertyDescription(
                    "Server types for region eu, best first. The next one is taken when one is sold out.")
            List<@Size(min = 1, max = 32) String> eu) {

        public List<String> candidates(Region region) {
            List<String> types = switch (region) {
                case US -> us;
                case EU -> eu;
            };
            return types == null ? List.of() : types;
        }
    }

    public Optional<ServerSize> size(String name) {
        return sizes.stream().filter(s -> s.name().equals(name)).findFirst();
    }
}
