package dev.anchorhold.cloud;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.lessThanOrExactly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Base of contract tests against a stub server, with answers that a network may give and a simulator of the cloud need
 * not.
 */
public abstract class StubbedApi {
    protected static final String CANARY = "canary-token-8b1f0f6a";
    /** For answers that come late or never; whoever waits for a real one has {@code Timeouts.DEFAULT}. */
    protected static final Timeouts SHORT =
            new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(2), Duration.ofSeconds(3));

    @RegisterExtension
    protected static final WireMockExtension cloud = WireMockExtension.newInstance()
            .options(WireMockConfiguration.wireMockConfig()
                    .dynamicPort()
                    .bindAddress("127.0.0.1")
                    .containerThreads(24))
            .build();

    protected final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    protected final AtomicReference<String> token = new AtomicReference<>(CANARY);

    protected static String address() {
        return "http://127.0.0.1:" + cloud.getPort();
    }

    /** Where nobody listens. */
    protected static String nobody() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + socket.getLocalPort();
        }
    }

    /** Answers that no cloud gives, whatever its API. */
    protected static Stream<ResponseDefinitionBuilder> unreadableAnywhere() {
        return Stream.of(
                json(200, "not json at all"),
                json(200, ""),
                json(200, "null"),
                json(200, "[]"),
                json(200, "{}"),
                html(502),
                html(503),
                html(504).withHeader("Retry-After", "0"),
                html(503).withHeader("Retry-After", "0"),
                html(408).withHeader("Retry-After", "0"),
                html(404),
                aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER),
                aResponse().withFault(Fault.EMPTY_RESPONSE),
                aResponse().withFault(Fault.MALFORMED_RESPONSE_CHUNK),
                aResponse().withFault(Fault.RANDOM_DATA_THEN_CLOSE),
                json(200, "{}").withFixedDelay(5000));
    }

    protected static void answer(ResponseDefinitionBuilder response) {
        cloud.stubFor(any(anyUrl()).willReturn(response));
    }

    protected static ResponseDefinitionBuilder json(int status, String body) {
        return aResponse()
                .withStatus(status)
                .withHeader("Content-Type", "application/json")
                .withHeader("X-Correlation-Id", "abc123")
                .withHeader("CF-Ray", "abc123")
                .withBody(body);
    }

    protected static ResponseDefinitionBuilder html(int status) {
        return aResponse()
                .withStatus(status)
                .withHeader("Content-Type", "text/html")
                .withBody("<html><body>Bad gateway</body></html>");
    }

    /** F27: {@code call} reads something that is not there. */
    protected final void usesARotatedTokenAtOnce(Runnable call) {
        call.run();
        token.set("another");
        call.run();
        cloud.verify(1, anyRequestedFor(anyUrl()).withHeader("Authorization", equalTo("Bearer " + CANARY)));
        cloud.verify(1, anyRequestedFor(anyUrl()).withHeader("Authorization", equalTo("Bearer another")));
    }

    /** F12, F09: neither a read nor a write can be judged by such an answer, and neither is repeated. */
    protected static void saysNothing(ResponseDefinitionBuilder answer, Runnable read, Runnable write) {
        answer(answer);
        assertThatThrownBy(read::run).isInstanceOf(CloudException.Transient.class);
        cloud.verify(lessThanOrExactly(1), anyRequestedFor(anyUrl()));
        assertThatThrownBy(write::run).isInstanceOf(CloudException.UnknownOutcome.class);
        cloud.verify(lessThanOrExactly(2), anyRequestedFor(anyUrl()));
    }

    protected static void holdsNoSecret(Throwable thrown) {
        for (var t = thrown; t != null; t = t.getCause())
            assertThat(t.toString()).doesNotContain("canary", "c4n4ry");
    }
}
