package dev.anchorhold.resource;

import static java.util.stream.Collectors.joining;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Writes {@code docs/reference.md} from what {@link CrdFiles} generates, so that the page says what the API server enforces;
 * {@code ./dev fmt} calls it.
 */
public final class ReferencePage {
    static final Path FILE = Path.of("docs/reference.md");

    private static final String CONDITIONS = "conditions";

    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    /** What most people come for is first. */
    private static final List<String> ORDER = List.of("Agent", "PlainVm", "AgentImage", "Account", "ProviderConfig");

    private static final String HEAD = """
            <!-- Generated from dev.anchorhold.resource by ./dev fmt; do not edit. -->
            # Reference

            Every field of every kind, as the API server enforces it. The same text is at hand in a shell:
            `kubectl explain plainvm.spec.firewall`. What the kinds are for is told in [concepts](concepts.md), what the
            conditions' reasons mean in [failure modes](failure-modes.md).

            """;

    private final StringBuilder page = new StringBuilder(HEAD);

    private ReferencePage() {}

    public static void main(String[] args) throws IOException {
        Files.createDirectories(FILE.getParent());
        Files.writeString(FILE, generate());
    }

    static String generate() {
        List<CustomResourceDefinition> kinds = CrdFiles.generate().values().stream()
                .map(yaml -> SERIALIZATION.unmarshal(yaml, CustomResourceDefinition.class))
                .sorted(Comparator.comparing(
                        crd -> ORDER.indexOf(crd.getSpec().getNames().getKind())))
                .toList();
        var reference = new ReferencePage();
        reference.line(
                "Kinds: %s.",
                kinds.stream()
                        .map(k -> "[%1$s](#%2$s)"
                                .formatted(
                                        k.getSpec().getNames().getKind(),
                                        k.getSpec().getNames().getSingular()))
                        .collect(joining(" · ")));
        kinds.forEach(reference::kind);
        reference.line("");
        reference.line("## Conditions");
        reference.line("");
        reference.line("The same in every kind's `status.conditions`.");
        reference.line("");
        reference.fields(conditionOf(kinds.getFirst()));
        return reference.page.toString();
    }

    private void kind(CustomResourceDefinition crd) {
        var spec = crd.getSpec();
        var names = spec.getNames();
        var version = spec.getVersions().getFirst();
        var root = version.getSchema().getOpenAPIV3Schema();
        line("");
        line("## %s", names.getKind());
        line("");
        line(root.getDescription());
        line("");
        line("- `apiVersion: %s/%s`, %s", spec.getGroup(), version.getName(), inWords(spec.getScope()));
        line(
                "- `kubectl get %s`, or `%s` for short; columns: %s",
                names.getPlural(),
                String.join("`, `", names.getShortNames()),
                columns(version.getAdditionalPrinterColumns()));
        rules(root).forEach(message -> line("- %s", message));
        object(names.getKind(), "spec", root.getProperties().get("spec"));
        Optional.ofNullable(root.getProperties().get("status"))
                .ifPresent(status -> object(names.getKind(), "status", status));
    }

    /** A section for the object, and one for each object inside it. */
    private void object(String kind, String path, JSONSchemaProps object) {
        line("");
        line("### %s `%s`", kind, path);
        line("");
        fields(object);
        if (!rules(object).isEmpty()) {
            line("");
            rules(object).forEach(message -> line("- %s", message));
        }
        object.getProperties().forEach((name, field) -> {
            if (isObject(field)) {
                object(kind, path + "." + name, field);
            } else if (isObject(itemOf(field)) && !name.equals(CONDITIONS)) {
                object(kind, path + "." + name + "[]", itemOf(field));
            }
        });
    }

    private void fields(JSONSchemaProps object) {
        line("| field | type | default | what it is |");
        line("|---|---|---|---|");
        object.getProperties().forEach((name, field) -> {
            boolean required =
                    object.getRequired() != null && object.getRequired().contains(name);
            line("| `%s` | %s | %s | %s |", name, type(field), defaultOf(field, required), about(field));
        });
    }

    private static JSONSchemaProps conditionOf(CustomResourceDefinition crd) {
        var root = crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
        return itemOf(root.getProperties().get("status").getProperties().get(CONDITIONS));
    }

    private static boolean isObject(JSONSchemaProps field) {
        return "object".equals(field.getType());
    }

    private static String type(JSONSchemaProps field) {
        if (field.getEnum() != null && !field.getEnum().isEmpty()) {
            return field.getEnum().stream()
                    .map(value -> "`" + value.asText() + "`")
                    .collect(joining(", "));
        }
        return switch (field.getType()) {
            case "array" ->
                "list of %ss%s".formatted(itemOf(field).getType(), range(field.getMinItems(), field.getMaxItems()));
            case "string" -> "date-time".equals(field.getFormat()) ? "time" : "string" + length(field);
            default -> field.getType();
        };
    }

    private static String range(Long least, Long most) {
        if (least == null && most == null) {
            return "";
        }
        return ", %s".formatted(least == null || least == 0 ? "at most " + most : least + " to " + most);
    }

    private static String length(JSONSchemaProps field) {
        return field.getMaxLength() == null ? "" : ", up to %d characters".formatted(field.getMaxLength());
    }

    private static String defaultOf(JSONSchemaProps field, boolean required) {
        if (required) {
            return "**required**";
        }
        var value = field.getDefault();
        return value == null ? "" : "`" + (value.isTextual() ? value.asText() : value.toString()) + "`";
    }

    private static String about(JSONSchemaProps field) {
        List<String> sentences = new ArrayList<>();
        if (field.getDescription() != null) {
            sentences.add(field.getDescription());
        }
        if (field.getMinimum() != null) {
            sentences.add("At least %s.".formatted(field.getMinimum().intValue()));
        }
        pattern(field).ifPresent(p -> sentences.add("Must match `%s`.".formatted(p)));
        if (!isObject(field)) {
            rules(field).forEach(message -> sentences.add("*Enforced:* " + message + "."));
        }
        return String.join(" ", sentences).replace("|", "\\|").replace("<", "&lt;");
    }

    private static Optional<String> pattern(JSONSchemaProps field) {
        return Optional.ofNullable(field.getPattern())
                .or(() -> Optional.ofNullable(itemOf(field).getPattern()));
    }

    private static JSONSchemaProps itemOf(JSONSchemaProps field) {
        return field.getItems() == null
                ? new JSONSchemaProps()
                : field.getItems().getSchema();
    }

    private static List<String> rules(JSONSchemaProps schema) {
        return schema.getXKubernetesValidations() == null
                ? List.of()
                : schema.getXKubernetesValidations().stream()
                        .map(ValidationRule::getMessage)
                        .toList();
    }

    private static String columns(List<CustomResourceColumnDefinition> columns) {
        return columns.stream()
                .map(c -> c.getName() + (c.getPriority() != null && c.getPriority() > 0 ? " (with `-o wide`)" : ""))
                .collect(joining(", "));
    }

    private static String inWords(String scope) {
        return scope.equals("Namespaced") ? "lives in a namespace" : "cluster-scoped";
    }

    private void line(String format, Object... values) {
        page.append(values.length == 0 ? format : format.formatted(values)).append('\n');
    }
}
