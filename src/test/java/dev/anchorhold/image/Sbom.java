package dev.anchorhold.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.image.DebianBase.DebianPackage;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes the list of what is in the image, in CycloneDX's format: the Java libraries, as CycloneDX's own Maven plugin lists them, and beside them
 * Debian's packages and the JVM, which Maven does not know.
 */
final class Sbom {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private static final Pattern PACKAGE_URL = Pattern.compile("pkg:.+/([^/@]+)@(.+)");

    private Sbom() {}

    /**
     * @param libraries what {@code ./mvnw cyclonedx:makeBom} wrote
     * @param packages Debian's
     * @param more package URLs of what is from elsewhere, {@code pkg:maven/GROUP/NAME@VERSION}
     */
    static void write(
            Path libraries,
            List<DebianPackage> packages,
            List<String> more,
            Architecture architecture,
            String digest,
            Path file)
            throws IOException {
        ObjectNode document = (ObjectNode) JSON.readTree(libraries.toFile());
        ObjectNode component = (ObjectNode) document.at("/metadata/component");
        component
                .put("type", "container")
                .putArray("hashes")
                .addObject()
                .put("alg", "SHA-256")
                .put("content", digest.replace("sha256:", ""));
        ArrayNode components = (ArrayNode) document.get("components");
        for (DebianPackage it : packages) {
            add(
                    components,
                    "library",
                    it.name(),
                    it.version(),
                    "pkg:deb/debian/%s@%s?arch=%s&distro=debian-12"
                            .formatted(it.name(), escaped(it.version()), architecture.id));
        }
        for (String purl : more) {
            Matcher it = PACKAGE_URL.matcher(purl);
            if (!it.matches()) {
                throw new IllegalArgumentException(purl);
            }
            add(components, "library", it.group(1), it.group(2), purl);
        }
        String version = Runtime.version().toString();
        add(components, "platform", "openjdk", version, "pkg:generic/openjdk@" + escaped(version))
                .put("publisher", System.getProperty("java.vendor"));
        JSON.writeValue(file.toFile(), document);
    }

    private static ObjectNode add(ArrayNode components, String type, String name, String version, String purl) {
        return components
                .addObject()
                .put("type", type)
                .put("bom-ref", purl)
                .put("name", name)
                .put("version", version)
                .put("purl", purl);
    }

    private static String escaped(String version) {
        return URLEncoder.encode(version, StandardCharsets.UTF_8);
    }
}
