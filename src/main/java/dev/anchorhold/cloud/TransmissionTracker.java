package dev.anchorhold.cloud;

import java.io.IOException;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/**
 * OkHttp event listener that notes whether any byte of a request may have left this machine: until then a failed write
 * has certainly not happened, from then on nobody knows (F09).
 */
final class TransmissionTracker {
    private volatile boolean started;

    boolean started() {
        return started;
    }

    static OkHttpClient install(OkHttpClient.Builder http) {
        return http.eventListener(new EventListener() {
                    @Override
                    public void requestHeadersStart(Call call) {
                        var transmissionTracker = call.request().tag(TransmissionTracker.class);
                        if (transmissionTracker != null) transmissionTracker.started = true;
                    }
                })
                .addNetworkInterceptor(TransmissionTracker::neverRepeat)
                .build();
    }

    /** OkHttp repeats a request, writes included, when a 503 says {@code Retry-After: 0}. */
    private static Response neverRepeat(Interceptor.Chain chain) throws IOException {
        var response = chain.proceed(chain.request());
        return response.code() == 503 || response.code() == 408
                ? response.newBuilder().removeHeader("Retry-After").build()
                : response;
    }
}
