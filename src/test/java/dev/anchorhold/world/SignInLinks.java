package dev.anchorhold.world;

import dev.anchorhold.identity.SignInLink;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.OpaqueTokens;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;

/** Makes the links by which people sign in to a local world's dashboard: {@code ./dev login}. */
public final class SignInLinks {
    /** The person of the samples: their Accounts name this subject as an Owner. */
    public static final String DEVELOPER = "developer";

    public static final Duration LIFETIME = Duration.ofMinutes(10);

    private SignInLinks() {}

    /** Follows a link as a browser does whose person presses the button there. */
    public static HttpResponse<String> follow(URI link) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(link.resolve(link.getPath()))
                            .POST(HttpRequest.BodyPublishers.ofString(link.getQuery()))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    /** One for a person of the running world of that folder. */
    public static URI create(WorldFolder world, String subject) {
        var database =
                new CompanionDatabase(world.exported("ANCHORHOLD_POSTGRES").replace("/postgres?", "/anchorhold?"));
        return create(database, URI.create(world.exported("ANCHORHOLD_COMPANION")), subject, null);
    }

    /**
     * Writes one into the companion's database.
     *
     * @param companion where people reach it
     * @param name what people call them
     * @return the link, which works once
     */
    public static URI create(CompanionDatabase database, URI companion, String subject, String name) {
        String token = OpaqueTokens.generate();
        new Database(database::asApplication)
                .transaction(it -> it.update(
                        "INSERT INTO identity.sign_in_link (token_hash, issuer, subject, name, expires) VALUES (?, ?, ?, ?, ?)",
                        OpaqueTokens.hash(token),
                        SignInLink.ISSUER,
                        subject,
                        name,
                        Instant.now().plus(LIFETIME)));
        return companion.resolve("/dashboard/sign-in/link?token=" + token);
    }
}
