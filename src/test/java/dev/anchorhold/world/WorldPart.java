package dev.anchorhold.world;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.List;

/** A running part of the local world. Closing it stops it and is safe to repeat. */
public interface WorldPart extends AutoCloseable {

    /** A short name, as {@code ./dev status} prints it. */
    String name();

    Health health();

    /** The processes of its own that may end by themselves; none when it runs in this JVM or is not ours. */
    default List<Restartable> processes() {
        return List.of();
    }

    /** Puts back what of it is missing and does not come back by itself; processes do. Returns when that is done, or tried. */
    default void mend() {}

    @Override
    void close();

    /**
     * @param healthy whether the part does its work now
     * @param detail one line for people: where it listens, or what is wrong with it
     */
    record Health(boolean healthy, String detail) {

        /** Healthy when the endpoint answers with this status, as an API without a token does. */
        public static Health of(URI endpoint, int status, String detail) {
            try {
                HttpURLConnection connection =
                        (HttpURLConnection) endpoint.toURL().openConnection();
                connection.setConnectTimeout(2_000);
                connection.setReadTimeout(2_000);
                return connection.getResponseCode() == status
                        ? new Health(true, detail)
                        : new Health(false, endpoint + " answers " + connection.getResponseCode());
            } catch (IOException e) {
                return new Health(false, endpoint + " does not answer: " + e.getMessage());
            }
        }
    }
}
