using Mesh.Identity;
using Mesh.Server.Pipeline;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Forwarded;

/// <summary>Reads <c>x-forwarded-client-cert</c> from those who may write it, and removes it from everybody else.</summary>
internal sealed class ForwardedCertificates
{
    private readonly SpiffeIdPattern[] _trusted;
    private readonly TrustDomainAliases _aliases;

    private ForwardedCertificates(SpiffeIdPattern[] trusted, TrustDomainAliases aliases)
    {
        _trusted = trusted;
        _aliases = aliases;
    }

    /// <summary>The compiled form; <see langword="null"/> when nobody is trusted.</summary>
    public static ForwardedCertificates? Compile(ForwardedCertificateOptions options, TrustDomainAliases aliases) =>
        options.TrustedPeers.Count == 0 ? null : new([.. options.TrustedPeers.Select(SpiffeIdPattern.Parse)], aliases);

    /// <summary>Takes the header of one request.</summary>
    /// <returns>What is wrong with what a trusted peer says; otherwise <see langword="null"/>.</returns>
    public static MeshProblem? Take(ForwardedCertificates? trusted, SpiffeId? peer, IHeaderDictionary headers, MeshRequest request)
    {
        if (!headers.TryGetValue(ForwardedClientCertificate.HeaderName, out var field))
        {
            return null;
        }

        if (trusted is null || peer is null || !trusted.Trusts(peer))
        {
            headers.Remove(ForwardedClientCertificate.HeaderName);
            return null;
        }

        if (!ForwardedClientCertificate.TryParse(field.Count == 1 ? field[0] : string.Join(',', (IEnumerable<string?>)field), out var hops))
        {
            return ServerProblems.BadForwardedCertificate;
        }

        request.ForwardedCertificates = hops;
        request.ForwardedClient = trusted.FindClient(hops);
        return null;
    }

    // As with X-Forwarded-For: each hop was written by the one after it, so the first from the end that is not itself a
    // trusted proxy is the client, and what stands before it is only its word.
    private ForwardedClientCertificate? FindClient(IReadOnlyList<ForwardedClientCertificate> hops)
    {
        for (var i = hops.Count - 1; i > 0; i--)
        {
            if (hops[i].Id is not { } id || !Trusts(id))
            {
                return hops[i];
            }
        }

        return hops.Count == 0 ? null : hops[0];
    }

    private bool Trusts(SpiffeId id)
    {
        foreach (var trusted in _trusted)
        {
            if (trusted.Matches(id, _aliases))
            {
                return true;
            }
        }

        return false;
    }
}
