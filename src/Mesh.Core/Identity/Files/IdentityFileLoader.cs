namespace Mesh.Identity.Files;

/// <summary>Makes an identity of the contents of its files. Its messages name files and rules, never what stands in a file.</summary>
internal sealed class IdentityFileLoader(FileIdentityOptions options)
{
    private readonly CertificateFileLoader _certificate = new(options.Paths);

    /// <summary>Makes it.</summary>
    /// <exception cref="MeshIdentityException">The files are no identity, or not yet: half written, or of two generations.</exception>
    public X509Identity Load(IdentityFiles files)
    {
        var bundle = ParseBundle(files.Bundle!);
        var (leaf, intermediates) = _certificate.Load(files);
        var svid = X509Svid.Read(leaf);
        if (svid.Id is null)
        {
            throw new MeshIdentityException($"The certificate in '{options.Paths.Subject}' is not an X.509-SVID: {svid.Error}.");
        }

        return new X509Identity(leaf, intermediates, TrustBundles.From([KeyValuePair.Create(svid.Id.TrustDomain, bundle)]));
    }

    private SpiffeBundle ParseBundle(byte[] content)
    {
        try
        {
            return SpiffeBundle.Parse(content);
        }
        catch (FormatException exception)
        {
            throw new MeshIdentityException($"'{options.Bundle}': {exception.Message}", exception);
        }
    }
}
