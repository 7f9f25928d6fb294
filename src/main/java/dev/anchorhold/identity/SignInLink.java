package dev.anchorhold.identity;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/**
 * A link that signs a person in, once and within minutes. Whoever may write it into the database vouches for the person: {@code ./dev login} of the
 * local world does, and a companion honours such links only where it is told to.
 */
@Entity
@Table(schema = "identity", name = "sign_in_link")
public class SignInLink extends PanacheEntityBase {
    /** The issuer of all who come by a link. */
    public static final String ISSUER = "urn:anchorhold:sign-in-link";

    @Id
    public byte[] tokenHash;

    public String issuer;
    public String subject;
    public String name;
    public Instant expires;
}
