using Microsoft.AspNetCore.DataProtection;

namespace Mesh.Gateway.Login;

/// <summary>The OpenID provider of the policy in force. A reload that changes nothing about it keeps what is known of it.</summary>
internal sealed class LoginProviders(LoginServices services)
{
    private readonly Lock _lock = new();
    private volatile LoginProvider? _current;

    public LoginProvider For(LoginPolicy policy)
    {
        var current = _current;
        return current?.Policy == (object)policy ? current : Use(policy);
    }

    private LoginProvider Use(LoginPolicy policy)
    {
        lock (_lock)
        {
            var current = _current;
            var next = current?.Policy.Fingerprint == policy.Fingerprint
                ? current.With(policy)
                : LoginProvider.Create(policy, services, ProtectionOf(policy));
            return _current = next;
        }
    }

    private IDataProtectionProvider ProtectionOf(LoginPolicy policy) => policy.KeysDirectory is { } folder
        ? DataProtectionProvider.Create(new DirectoryInfo(folder), static builder => builder.SetApplicationName("Mesh.Gateway.Login"))
        : services.Protection;
}
