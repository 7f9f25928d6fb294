package dev.anchorhold.dashboard;

import dev.anchorhold.platform.OpaqueTokens;
import dev.anchorhold.platform.web.HttpProblem;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Serves the pages' style, script and icon, under names that change with their content: a browser asks for each once. */
@Path(DashboardFilter.STATIC)
@Singleton
public class StaticFiles {
    private static final int DIGITS = 12;

    private static final Map<String, StaticFile> FILES = Stream.of(
                    StaticFile.read("style.css", "text/css;charset=utf-8"),
                    StaticFile.read("times.js", "text/javascript;charset=utf-8"),
                    StaticFile.read("verify.js", "text/javascript;charset=utf-8"),
                    StaticFile.read("icon.svg", "image/svg+xml"))
            .collect(Collectors.toUnmodifiableMap(StaticFile::name, Function.identity()));

    /** @param hash of its content, as it stands in its address */
    private record StaticFile(String name, String type, byte[] content, String hash) {

        static StaticFile read(String name, String type) {
            try (InputStream in = StaticFiles.class.getResourceAsStream("/dashboard/" + name)) {
                byte[] content = in.readAllBytes();
                String hash =
                        HexFormat.of().formatHex(OpaqueTokens.sha256(content)).substring(0, DIGITS);
                return new StaticFile(name, type, content, hash);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Where a page finds a file: {@code style.css}. */
    static String address(String name) {
        return DashboardFilter.STATIC + FILES.get(name).hash + "/" + name;
    }

    @GET
    @Path("{hash}/{name}")
    @NonBlocking
    public Response get(@PathParam("hash") String hash, @PathParam("name") String name) {
        StaticFile file = FILES.get(name);
        if (file == null || !file.hash.equals(hash)) {
            throw HttpProblem.notFound();
        }
        return Response.ok(file.content, file.type)
                .header(HttpHeaders.CACHE_CONTROL, "public, max-age=31536000, immutable")
                .build();
    }
}
