namespace Mesh.Authorization;

/// <summary>What a policy does with the requests that one of its rules matches.</summary>
public enum AuthorizationAction
{
    /// <summary>Lets them pass. As soon as one such policy exists, whatever none of them matches is refused.</summary>
    Allow,

    /// <summary>Refuses them, whatever the <see cref="Allow"/> policies say.</summary>
    Deny,

    /// <summary>Tells of them, and never changes the answer.</summary>
    Audit,

    /// <summary>Asks the authorizer that the policy names, before anything else; when that one refuses, so does the service.</summary>
    Custom,
}
