namespace Mesh.Server.Authorization;

/// <summary>An authorizer and the name documents ask for it by.</summary>
internal sealed record NamedAuthorizer(string Name, IMeshAuthorizer Authorizer);
