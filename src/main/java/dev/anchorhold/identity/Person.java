package dev.anchorhold.identity;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;
import java.time.Instant;
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

    /** The person, as somebody vouches for them now; made when they were never here. Locked until the transaction ends. */
    static Person signedIn(String issuer, String subject, String name, Instant now) {
        getEntityManager()
                .createNativeQuery(
                        "INSERT INTO identity.person (id, issuer, subject, first_seen) VALUES (?1, ?2, ?3, ?4)"
                                + " ON CONFLICT (issuer, subject) DO NOTHING")
                .setParameter(1, UUID.randomUUID())
                .setParameter(2, issuer)
                .setParameter(3, subject)
                .setParameter(4, now)
                .executeUpdate();
        Person person = Person.<Person>find("issuer = ?1 and subject = ?2", issuer, subject)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .singleResult();
        person.name = name;
        return person;
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
