package dev.anchorhold.resource;

/**
 * Constants that the CEL validation rules of several kinds share. Patterns are RE2, in raw strings where they hold a
 * backslash.
 */
final class CelRules {

    // ---- rules, and what a refusal says of each: all of the rule, or it states what the input fulfils (H27)

    /** {@code k} can be the name of a key, or of a size. */
    static final String SHORT_NAME = "k.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')";

    static final String SHORT_NAME_SAYS =
            "at most 63 lower-case letters, digits and '-', the first and the last a letter or digit";

    /** {@code self} can be the name of an object (RFC 1123). */
    static final String OBJECT_NAME = "self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')";

    static final String OBJECT_NAME_SAYS =
            "lower-case letters, digits, '-' and '.', the first and the last a letter or digit";

    /** {@code self} can be the cloud's name of a location. */
    static final String CLOUD_NAME = "self.matches('^[a-z0-9-]+$')";

    static final String CLOUD_NAME_SAYS = "lower-case letters, digits and '-'";

    /** {@code self} can be a key of a Secret's data. */
    static final String SECRET_KEY = "self.matches('^[-._a-zA-Z0-9]+$')";

    /** {@code self} is a URL that our clients read as the API server does: no user, no query, no fragment. */
    static final String ENDPOINT = "isURL(self) && self.matches("
            + "'^https?://([A-Za-z0-9]+((-+|[.])[A-Za-z0-9]+)*|[[][0-9a-fA-F:.]+[]])(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$')"
            + " && (url(self).getPort() == '' || (int(url(self).getPort()) >= 1"
            + " && int(url(self).getPort()) <= 65535))";

    static final String ENDPOINT_SAYS = "http or https, a host of letters, digits, '-' and '.' (or an IPv6 address in"
            + " brackets), perhaps a port up to 65535, and a path of letters, digits and . _ ~ - /; no user, query or fragment";

    /** {@code self} is a DNS name. */
    static final String DNS_NAME =
            "self.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?([.][a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$')";

    static final String DNS_NAME_SAYS =
            "lower-case letters, digits, '-' and '.'; between dots at most 63 characters, the"
                    + " first and the last a letter or digit";

    /** {@code self} can be who somebody is: one word, and of Kubernetes' own users a ServiceAccount alone. */
    static final String SUBJECT = "self.matches(r'^[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}]+$') && (!self.startsWith('system:')"
            + " || self.matches('^system:serviceaccount:[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?:[a-z0-9]([-a-z0-9.]*[a-z0-9])?$'))";

    /** {@code self} is one line, without control characters. */
    static final String ONE_LINE = "!self.matches(r'[\\p{Cc}\\p{Zl}\\p{Zp}]')";

    /**
     * {@code k} is one line of an OpenSSH public key, of a kind that current servers accept: the blob begins with the name
     * of the same kind, and the comment is of characters that every YAML parser takes as they are.
     */
    static final String PUBLIC_KEY = "k.matches(r'^("
            + "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"
            + "|ssh-rsa AAAAB3NzaC1yc2EA"
            + "|ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYA"
            + "|ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQA"
            + "|ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEA"
            + "|sk-ssh-ed25519@openssh\\.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t"
            + "|sk-ecdsa-sha2-nistp256@openssh\\.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20A"
            + ")[A-Za-z0-9+/]+={0,3}( [\\p{L}\\p{M}\\p{N}\\p{P}\\p{S} ]*)?$')";

    static final String PUBLIC_KEY_SAYS = "an OpenSSH public key as it is in ~/.ssh/id_ed25519.pub:"
            + " 'ssh-ed25519 AAAA… comment', of kind Ed25519, RSA or ECDSA (on a security key too), on one line, without a"
            + " line break at its end, options before it, or control characters in the comment; never a private key";

    private CelRules() {}
}
