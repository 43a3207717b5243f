namespace Mesh.Authorization;

/// <summary>What a policy does with the requests that one of its rules matches.</summary>
public enum AuthorizationAction
{
    /// <summary>Lets them pass. As soon as one such policy exists, whatever none of them matches is refused.</summary>
    Allow,

    /// <summary>Refuses them, whatever the <see cref="Allow"/> policies say.</summary>
    Deny,
}
