package org.kms4j.servlet.route;

import java.util.List;
import java.util.UUID;
import org.kms4j.servlet.auth.Administration;
import org.kms4j.servlet.auth.Administration.Made;
import org.kms4j.servlet.auth.Administration.MadeProject;
import org.kms4j.servlet.auth.AuthException;
import org.kms4j.servlet.auth.Role;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Fields;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Reply;
import org.kms4j.servlet.http.ValidationException;

/** Projects and who belongs to them. Safe for use by many threads. */
public final class ProjectRoutes {
  private static final String TYPE = "kms";
  private static final List<String> ROLES =
      List.of("admin", "member", "viewer", "cryptographic-operator", "no-access");
  private static final int MAX_NAME_CHARS = 64;

  private final Administration administration;

  public ProjectRoutes(Administration administration) {
    this.administration = administration;
  }

  /** A project that somebody asks for; its slug is empty if none was chosen. */
  public record NewProject(String name, String slug) {
    /** Reads the body. */
    public static NewProject read(Input input) throws ValidationException, RefusedException {
      Fields body = input.body().fields();
      String name = body.text("projectName", "projectName must not be empty").strip();
      body.prose("projectName", MAX_NAME_CHARS);
      String slug = body.optionalSlug("slug", "Slug").orElse("");
      body.optionalChoice("type", List.of(TYPE));
      body.end();
      return new NewProject(name, slug);
    }
  }

  /** A role for an identity in a project. */
  public record Membership(String project, UUID identity, Role role) {
    /** Reads params and body. */
    public static Membership read(Input input) throws ValidationException, RefusedException {
      Fields params = input.params();
      String project = params.text("projectId");
      UUID identity = params.uuid("identityId");
      params.end();
      Fields body = input.body().fields();
      String role = body.optionalChoice("role", ROLES).orElse("no-access");
      body.end();
      return new Membership(project, identity, Role.of(role));
    }
  }

  /** Makes a project. */
  public Reply create(Call<NewProject> call) throws AuthException {
    NewProject wanted = call.input();
    MadeProject project = administration.createProject(call.caller(), wanted.name(), wanted.slug());
    Made made = project.made();
    call.note("projectId", made.id());
    return json -> {
      json.writeStartObject();
      json.writeObjectFieldStart("project");
      json.writeStringField("id", made.id().toString());
      json.writeStringField("name", wanted.name());
      json.writeStringField("slug", project.slug());
      json.writeStringField("type", TYPE);
      json.writeStringField("orgId", call.caller().organisationId().toString());
      IdentityRoutes.dates(json, made);
      json.writeEndObject();
      json.writeEndObject();
    };
  }

  /** Gives an identity a role in the project. */
  public Reply setRole(Call<Membership> call) throws AuthException {
    Membership wanted = call.input();
    Made made = administration.setRole(wanted.project(), wanted.identity(), wanted.role());
    // Of one project and one identity there is one membership; the identity's id names it.
    return json -> {
      json.writeStartObject();
      json.writeObjectFieldStart("identityMembership");
      json.writeStringField("id", made.id().toString());
      json.writeStringField("projectId", wanted.project());
      json.writeStringField("identityId", wanted.identity().toString());
      IdentityRoutes.dates(json, made);
      json.writeEndObject();
      json.writeEndObject();
    };
  }
}
