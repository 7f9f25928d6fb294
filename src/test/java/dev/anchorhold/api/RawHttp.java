package dev.anchorhold.api;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Sends requests as they are: clients correct what they are given, or refuse it. */
final class RawHttp {
    private final URI server;

    RawHttp(URI server) {
        this.server = server;
    }

    /** @param body empty when the server sent none */
    record Answer(int status, String headers, String body) {
        boolean isProblem() {
            return headers.toLowerCase().contains("content-type: application/problem+json");
        }
    }

    /** @param headers each with its line's end, ISO 8859-1; the connection is closed after the answer */
    Answer send(String method, String target, String headers) throws IOException {
        return exchange("%s %s HTTP/1.1\r\n%sConnection: close\r\n\r\n".formatted(method, target, headers));
    }

    Answer exchange(String request) throws IOException {
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(60_000);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int head = answer.indexOf("\r\n\r\n");
            if (!answer.startsWith("HTTP/1.1 ") || head < 0) {
                throw new IOException("no answer: '%s'".formatted(answer));
            }
            return new Answer(
                    Integer.parseInt(answer.substring(9, 12)), answer.substring(0, head), answer.substring(head + 4));
        }
    }
}
