package dev.anchorhold.world;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes {@code helm/anchorhold/README.md} from the comments of values.yaml, so that each value is described in one place; {@code ./dev
 * fmt} calls it. A comment belongs to the value below it.
 */
public final class ChartReadme {
    static final Path FILE = Path.of("helm/anchorhold/README.md");

    private static final Path VALUES = Path.of("helm/anchorhold/values.yaml");
    private static final Pattern KEY = Pattern.compile("( *)([A-Za-z]+):(?: (.+))?");

    private static final String HEAD = """
            <!-- Generated from values.yaml by ./dev fmt; do not edit. -->
            # The chart

            Installs Anchorhold: the custom resource definitions, the operator, the [companion](../../docs/door.md) if it is enabled, roles for people, and the policies that say what each may do.
            Kubernetes 1.31 or newer. One installation in a cluster: a second is refused by Helm (what cannot look into the cluster, as `helm template` and Argo CD, does not see it), since two operators would each build a server for every object.

            No image is published yet: build one and push it to a registry of yours, `./dev image --push REGISTRY/anchorhold:TAG` ([operations](../../docs/operations.md)).

            ```sh
            kubectl create namespace anchorhold-system
            kubectl label namespace anchorhold-system pod-security.kubernetes.io/enforce=restricted
            helm install anchorhold helm/anchorhold --namespace anchorhold-system --set image.repository=REGISTRY/anchorhold --set image.tag=TAG --wait
            ```

            A try without an account at any cloud, in a cluster that has both images (`./dev image --demo`; [how it gets them](../../docs/operations.md#a-demo-in-a-cluster-of-yours)):

            ```sh
            helm install anchorhold helm/anchorhold --namespace try --create-namespace --set demo.enabled=true --wait
            kubectl --namespace try wait --for=condition=Ready --timeout=5m plainvm/web agent/coder
            helm uninstall anchorhold --namespace try
            ```

            What an installation prints are the next commands for this very installation. [examples/production.yaml](examples/production.yaml) has two of each role, the companion behind an ingress, and the commands for the
            Secrets that it needs. `helm upgrade` brings the new custom resource definitions with it; `helm uninstall` leaves these, all objects and their servers, and installing again takes them up.
            What to back up, and how to restore: [operations](../../docs/operations.md). What each ServiceAccount may do: [security](../../docs/security.md#whoever-holds-a-credential).

            ## Values

            Misspelt and wrong ones are refused (`values.schema.json`).
            """;

    /** One of values.yaml. {@code text} is its default as written there; empty for a section. */
    record Value(String path, String description, String text) {
        boolean isSection() {
            return text.isEmpty();
        }

        private String section() {
            return path.contains(".") || isSection() ? path.replaceFirst("[.].*", "") : "";
        }
    }

    private ChartReadme() {}

    public static void main(String[] args) throws IOException {
        Files.writeString(FILE, generate());
    }

    static String generate() {
        List<Value> values = values();
        var page = new StringBuilder(HEAD);
        table(page, values.stream().filter(it -> it.section().isEmpty()).toList());
        for (Value section : values) {
            if (section.isSection() && !section.path.contains(".")) {
                page.append("\n### %s\n\n%s\n".formatted(section.path, section.description));
                table(
                        page,
                        values.stream()
                                .filter(it -> it != section && it.section().equals(section.path))
                                .toList());
            }
        }
        return page.toString();
    }

    private static void table(StringBuilder page, List<Value> values) {
        page.append("\n| value | default | |\n|---|---|---|\n");
        for (Value it : values) {
            page.append("| `%s` | %s | %s |\n"
                    .formatted(
                            it.path,
                            it.isSection() ? "" : "`" + it.text.replace("|", "\\|") + "`",
                            it.description.replace("|", "\\|")));
        }
    }

    /** All of values.yaml, in its order. */
    static List<Value> values() {
        try {
            List<Value> values = new ArrayList<>();
            List<String> path = new ArrayList<>();
            var comment = new StringBuilder();
            for (String line : Files.readAllLines(VALUES)) {
                Matcher key = KEY.matcher(line);
                if (line.isBlank()) {
                    comment.setLength(0); // what stands alone is about the file
                } else if (line.strip().startsWith("# ")) {
                    comment.append(comment.isEmpty() ? "" : " ")
                            .append(line.strip().substring(2));
                } else if (key.matches()) {
                    int depth = key.group(1).length() / 2;
                    path.subList(depth, path.size()).clear();
                    path.add(key.group(2));
                    String text = key.group(3) == null ? "" : key.group(3);
                    values.add(new Value(String.join(".", path), comment.toString(), text));
                    comment.setLength(0);
                } else {
                    Value list = values.removeLast();
                    values.add(new Value(list.path, list.description, item(list.text, line.strip())));
                }
            }
            return values;
        } catch (IOException e) {
            throw new WorldFailure("Cannot read " + VALUES + ": " + e.getMessage(), e);
        }
    }

    /** The list with the item that a line {@code - …} adds. */
    private static String item(String list, String line) {
        if (!line.startsWith("- ")) {
            throw new WorldFailure(VALUES + ": neither a comment, nor a value, nor an item of a list: " + line);
        }
        String all = list.isEmpty() ? "" : list.substring(1, list.length() - 1) + ", ";
        return "[" + all + line.substring(2) + "]";
    }
}
