package dev.anchorhold.dashboard;

import dev.anchorhold.dashboard.Documentation.Chapter;
import dev.anchorhold.dashboard.Documentation.Document;
import dev.anchorhold.platform.web.HttpProblem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.RawString;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.stream.Collectors;

/** Shows the documentation, to whoever can reach it: as pages, and each as the Markdown that it is written in. */
@Path("/dashboard/docs")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class DocumentationPage {
    private static final String MARKDOWN = "text/markdown;charset=utf-8";

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {
        static native TemplateInstance documentation(List<Chapter> chapters);

        static native TemplateInstance document(List<Chapter> chapters, Document document, RawString html);

        private Templates() {}
    }

    @GET
    public String index() {
        return Templates.documentation(Documentation.chapters()).render();
    }

    @GET
    @Path("{name: [a-z-]+}")
    public String page(@PathParam("name") String name) {
        Document document = Documentation.find(name).orElseThrow(HttpProblem::notFound);
        return Templates.document(Documentation.chapters(), document, new RawString(document.html()))
                .render();
    }

    @GET
    @Path("{name: [a-z-]+}.md")
    @Produces(MARKDOWN)
    public String markdown(@PathParam("name") String name) {
        return Documentation.find(name).orElseThrow(HttpProblem::notFound).markdown();
    }

    @GET
    @Path("{name: [a-z]+}.svg")
    @Produces("image/svg+xml")
    public byte[] picture(@PathParam("name") String name) {
        return Documentation.picture(name).orElseThrow(HttpProblem::notFound);
    }

    /** What there is, for programs that read instead of people (llmstxt.org). */
    @GET
    @Path("llms.txt")
    @Produces(MARKDOWN)
    public String forPrograms() {
        return Documentation.chapters().stream()
                .map(chapter -> "## " + chapter.title() + "\n\n"
                        + chapter.documents().stream()
                                .map(it -> "- [%s](%s%s.md)\n".formatted(it.title(), Documentation.PATH, it.name()))
                                .collect(Collectors.joining()))
                .collect(Collectors.joining(
                        "\n",
                        "# Anchorhold\n\n> A server of its own for each AI agent and each virtual machine, declared in Kubernetes.\n\n",
                        ""));
    }
}
