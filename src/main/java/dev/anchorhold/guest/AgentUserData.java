package dev.anchorhold.guest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * Renders the cloud-init user data of an Agent's server: the guest program, where its door is, a token that works once,
 * and the unit that runs it. All else is the program's business. Nobody can log in: no key, no password, no sshd.
 *
 * <p>The user data of a server can be read by every process in it, and never be changed. So it holds no lasting secret
 * (F31).
 */
public final class AgentUserData {
    /** In bytes. */
    public static final int MAX_BYTES = CloudConfig.MAX_BYTES;

    private static final String PROGRAM = "/usr/local/lib/anchorhold/guest.py";

    private static final String UNIT = """
        [Unit]
        Description=Anchorhold: keeps this Agent's firewall, volume, container and connector
        StartLimitIntervalSec=0
        After=network.target docker.service

        [Service]
        ExecStart=/usr/bin/python3 -B -u %s
        Restart=always
        RestartSec=5
        UMask=0077
        OOMScoreAdjust=-900

        [Install]
        WantedBy=multi-user.target
        """.formatted(PROGRAM);

    private AgentUserData() {}

    /**
     * Parameters of an Agent's server at its first boot.
     *
     * @param door where the guest door is, as guests reach it
     * @param token the one-time bootstrap token
     * @param program the guest program, from the Agent's frozen Secret
     */
    public record Parameters(String hostname, String agentUid, URI door, String token, String program) {
        @Override
        public String toString() {
            return "Parameters[%s, %s, %s]".formatted(hostname, agentUid, door);
        }
    }

    public static String render(Parameters parameters) {
        var program = CloudConfig.file(PROGRAM, "0700", gzipped(parameters.program()));
        program.put("encoding", "gz+b64");
        var settings = CloudConfig.json(
                Map.of("agent", parameters.agentUid(), "door", parameters.door().toString()));
        return new CloudConfig()
                .put("hostname", parameters.hostname())
                .put("users", List.of(Map.of("name", "root", "lock_passwd", true)))
                .put("disable_root", true)
                .put("ssh_pwauth", false)
                // Before sshd would start.
                .put("bootcmd", List.of(List.of("systemctl", "mask", "--now", "ssh.service", "ssh.socket")))
                .put(
                        "write_files",
                        List.of(
                                program,
                                CloudConfig.file("/etc/anchorhold/guest.json", "0600", settings),
                                CloudConfig.file("/etc/anchorhold/bootstrap-token", "0600", parameters.token()),
                                CloudConfig.file("/etc/systemd/system/anchorhold-guest.service", "0644", UNIT),
                                CloudConfig.authorizedKeys("")))
                .put(
                        "runcmd",
                        List.of(
                                List.of("systemctl", "daemon-reload"),
                                List.of("systemctl", "enable", "--now", "--no-block", "anchorhold-guest.service")))
                .render();
    }

    private static String gzipped(String text) {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
