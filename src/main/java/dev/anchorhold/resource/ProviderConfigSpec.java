package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Optional;

@JsonIgnoreProperties(ignoreUnknown = true)
public record ProviderConfigSpec(
        @Required @JsonPropertyDescription("The Hetzner Cloud project to build in.")
        Hetzner hetzner,

        @Default("{}") @JsonPropertyDescription("Which of the cloud's locations each region means.")
        Regions regions,

        @Required
        @Size(min = 1, max = 50)
        @JsonPropertyDescription("The sizes that VMs may ask for, and what each means in each region.")
        List<ServerSize> sizes,

        @Default("PerVm")
        @JsonPropertyDescription(
                "PerVm: every PlainVm has a firewall of its own. ByContent: VMs of one account with equal"
                        + " rules share one, since Hetzner allows a customer 50 firewalls unless asked for more.")
        Firewalls firewalls,

        @Default("Report")
        @JsonPropertyDescription(
                "What to do with servers and firewalls that carry this installation's label and belong to no object"
                        + " any more. Report: say so in a condition. Delete: after a wait and a second look, delete them,"
                        + " a few at a time.")
        Orphans orphans) {

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
                    value = "isURL(self) && self.matches("
                            + "'^https?://([A-Za-z0-9]+((-+|[.])[A-Za-z0-9]+)*|[[][0-9a-fA-F:.]+[]])(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$')"
                            + " && (url(self).getPort() == '' || (int(url(self).getPort()) >= 1"
                            + " && int(url(self).getPort()) <= 65535))",
                    message =
                            "spec.hetzner.endpoint: a URL such as https://api.hetzner.cloud/v1: http or https, a host,"
                                    + " perhaps a port and a path; no user, query or fragment")
            @JsonPropertyDescription("The API's address; https://api.hetzner.cloud/v1 when absent.")
            String endpoint,

            @Required
            @JsonPropertyDescription(
                    "The Secret with the project's API token (read and write), in the operator's namespace.")
            TokenSecretRef tokenSecretRef) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record TokenSecretRef(
            @Required
            @Size(min = 1, max = 253)
            @ValidationRule(
                    value = Cel.OBJECT_NAME,
                    message =
                            "spec.hetzner.tokenSecretRef.name: the name of a Secret: lower-case letters, digits, '-' and '.'."
                                    + " The token itself goes into the Secret, never here")
            @JsonPropertyDescription("The Secret's name.")
            String name,

            @Default("token")
            @Size(min = 1, max = 253)
            @ValidationRule(
                    value = "self.matches('^[-._a-zA-Z0-9]+$')",
                    message =
                            "spec.hetzner.tokenSecretRef.key: a key of the Secret's data: letters, digits, '-', '_' and '.'")
            @JsonPropertyDescription("The key in its data.")
            String key) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Regions(
            @Default("hil")
            @Size(max = 32)
            @ValidationRule(
                    value = "self.matches('^[a-z0-9-]+$')",
                    message = "spec.regions.us: the cloud's name of a location, such as hil or ash")
            @JsonPropertyDescription("Location for region us.")
            String us,

            @Default("hel1")
            @Size(max = 32)
            @ValidationRule(
                    value = "self.matches('^[a-z0-9-]+$')",
                    message = "spec.regions.eu: the cloud's name of a location, such as hel1, fsn1 or nbg1")
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
                    value = "[self].all(k, " + Cel.SHORT_NAME + ")",
                    message = "spec.sizes.name: lower-case letters, digits and '-', such as small")
            @JsonPropertyDescription("The name that VMs ask for, such as small.")
            String name,

            @Size(max = 10)
            @ValidationRule(
                    value = "self.all(t, t.matches('^[a-z0-9-]+$'))",
                    message = "spec.sizes.us: the cloud's names of server types, such as cx23 or cpx11")
            @JsonPropertyDescription(
                    "Server types for region us, best first. The next one is taken when one is sold out.")
            List<@Size(min = 1, max = 32) String> us,

            @Size(max = 10)
            @ValidationRule(
                    value = "self.all(t, t.matches('^[a-z0-9-]+$'))",
                    message = "spec.sizes.eu: the cloud's names of server types, such as cx23 or cpx11")
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
