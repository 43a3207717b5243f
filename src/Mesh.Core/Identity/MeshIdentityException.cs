namespace Mesh.Identity;

/// <summary>This process has no usable identity. The message says what is missing and which setting supplies it.</summary>
public sealed class MeshIdentityException : InvalidOperationException
{
    /// <summary>Creates it with a message.</summary>
    public MeshIdentityException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with a message and a cause.</summary>
    public MeshIdentityException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
