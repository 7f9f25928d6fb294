package dev.anchorhold.identity;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A person who has signed in: known by who vouches for them and by that one's name for them, and by nothing else. A name or an e-mail address can
 * change, and be another's tomorrow.
 */
@Entity
@Table(schema = "identity", name = "person")
public class Person extends PanacheEntityBase {
    @Id
    public UUID id;

    /** Who vouches for them: the URL of an OpenID provider, or {@link SignInLink#ISSUER}. */
    public String issuer;

    /** What the issuer calls them, for ever. */
    public String subject;

    /** What people call them; null when the issuer does not say. */
    public String name;

    /** An e-mail address that the issuer has verified; null without one. */
    public String email;

    public Instant firstSeen;

    static Optional<Person> of(String issuer, String subject) {
        return find("issuer = ?1 and subject = ?2", issuer, subject).firstResultOptional();
    }

    /** For people to read; a subject where there is nothing better. */
    public String displayName() {
        return name != null ? name : email != null ? email : subject;
    }

    /** As the books and the limits of calls know them: no user of Kubernetes is called so. */
    String user() {
        return "person:" + issuer + "#" + subject;
    }
}
