package dev.anchorhold.resource;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes {@code crds/} from the resource types, and into the chart; {@code ./dev fmt} calls it. The generator leaves some
 * things out that Kubernetes knows (list types, formats, the order of columns, categories): they are put in here.
 */
public final class CrdFiles {

    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    static final List<Path> FOLDERS = List.of(Path.of("crds"), Path.of("helm/anchorhold/files/crds"));

    private static final List<Class<? extends HasMetadata>> KINDS =
            List.of(ProviderConfig.class, Account.class, PlainVm.class, AgentImage.class, Agent.class);

    private static final Map<String, String> ABOUT = Map.of(
            "ProviderConfig",
            "One cloud to build in: its credentials, and what regions and sizes mean there.",
            "Account",
            "Who owns and pays: a customer's account, its limits, its SSH keys and its members.",
            "PlainVm",
            "A plain virtual machine: a server of its own with public addresses, a firewall and your keys. Nothing of"
                    + " Anchorhold's stays in it.",
            "AgentImage",
            "An image in the catalogue, as it is today: Agents that are made from it keep what it says then.",
            "Agent",
            "A server of its own with no open port, a data volume, a tunnel and a public URL; its image and environment"
                    + " are frozen as it is provisioned.");

    public static void main(String[] args) {
        generate().forEach((name, yaml) -> FOLDERS.forEach(folder -> write(folder.resolve(name), yaml)));
    }

    /** File name → content, for every kind. */
    static Map<String, String> generate() {
        Map<String, String> files = new TreeMap<>();
        for (Class<? extends HasMetadata> kind : KINDS) {
            var yaml = new Captured();
            new CRDGenerator()
                    .forCRDVersions("v1")
                    .customResourceClasses(List.of(kind))
                    .withOutput(yaml)
                    .generate();
            CustomResourceDefinition crd = SERIALIZATION.unmarshal(
                    yaml.bytes.toString(StandardCharsets.UTF_8), CustomResourceDefinition.class);
            complete(crd, kind);
            files.put(
                    crd.getSpec().getNames().getPlural() + ".yaml",
                    "# Generated from dev.anchorhold.resource by ./dev fmt; do not edit.\n"
                            + SERIALIZATION.asYaml(crd));
        }
        return files;
    }

    private static void complete(CustomResourceDefinition crd, Class<?> kind) {
        crd.getMetadata().setAnnotations(Map.of("helm.sh/resource-policy", "keep"));
        crd.getSpec().getNames().setCategories(List.of("anchorhold"));
        var version = crd.getSpec().getVersions().getFirst();
        List<String> order = Arrays.stream(kind.getAnnotationsByType(AdditionalPrinterColumn.class))
                .map(AdditionalPrinterColumn::name)
                .toList();
        version.getAdditionalPrinterColumns().sort(Comparator.comparing(c -> order.indexOf(c.getName())));
        JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
        root.setDescription(ABOUT.get(crd.getSpec().getNames().getKind()));
        root.getProperties().get("spec").setDescription("What is wanted.");
        JSONSchemaProps status = root.getProperties().get("status");
        status.setDescription("What was seen. Written by the operator alone.");
        // What nobody has looked at yet must not count as done: kstatus compares generations (H24).
        status.setDefault(JsonNodeFactory.instance.objectNode().put("observedGeneration", -1));
        walk("", root);
    }

    private static void walk(String name, JSONSchemaProps schema) {
        if (schema.getXKubernetesValidations() != null) {
            schema.setXKubernetesValidations(new ArrayList<>(new LinkedHashSet<>(schema.getXKubernetesValidations())));
        }
        switch (name) {
            case "conditions" -> listMap(schema, "type");
            case "journal" -> schema.setXKubernetesListType("atomic");
            case "sizes", "env" -> listMap(schema, "name");
            case "members" -> listMap(schema, "subject");
            case "sshKeys" -> {
                if ("object".equals(schema.getItems().getSchema().getType())) {
                    listMap(schema, "name");
                }
            }
            case "lastTransitionTime", "provisionedAt", "accountSince", "at" -> schema.setFormat("date-time");
            case "observedGeneration",
                    "serverId",
                    "firewallId",
                    "sealedKeyId",
                    "volumeId",
                    "imageRevision",
                    "settingsVersion",
                    "sequence",
                    "revision" -> schema.setFormat("int64");
            default -> {}
        }
        schema.getProperties().forEach(CrdFiles::walk);
        if (schema.getItems() != null) {
            walk("", schema.getItems().getSchema());
        }
    }

    private static void listMap(JSONSchemaProps list, String key) {
        list.setXKubernetesListType("map");
        list.setXKubernetesListMapKeys(List.of(key));
    }

    private static void write(Path file, String content) {
        try {
            Files.createDirectories(file.getParent());
            if (!Files.exists(file)
                    || !Files.readString(file).equals(content)) { // a file that is touched means a build
                Files.writeString(file, content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The generator writes to streams that it asks for; this one keeps what is written. */
    private static final class Captured implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public ByteArrayOutputStream outputFor(String crdName) {
            return bytes;
        }

        @Override
        public void close() {}
    }

    private CrdFiles() {}
}
