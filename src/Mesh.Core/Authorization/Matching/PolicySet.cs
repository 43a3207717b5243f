using System.Buffers;
using System.Numerics;

namespace Mesh.Authorization;

/// <summary>The policies of one action, with an index of their rules. Immutable.</summary>
/// <remarks>
/// The index is a set of bits, one a rule, for each principal, each method, and each beginning of a path that some rule
/// names. Their intersection leaves the rules worth looking at, so a decision does not become slower by policies that
/// cannot apply: a hundred thousand of them are a few thousand machine words.
/// </remarks>
internal sealed class PolicySet
{
    private const int BitsPerWord = 64;

    // On the stack for up to 4096 rules.
    private const int MaxWordsOnStack = 64;

    private readonly CompiledPolicy[] _policies;
    private readonly (CompiledRule Rule, int Policy, int Index)[] _rules;
    private readonly BitsByText _principals;
    private readonly BitsByText _methods;
    private readonly BitsByPath _paths;
    private readonly int _words;

    /// <param name="policies">In the order of their evaluation.</param>
    public PolicySet(IReadOnlyCollection<CompiledPolicy> policies)
    {
        _policies = [.. policies];
        _rules = [.. _policies.SelectMany(static (policy, number) => policy.Rules.Select((rule, index) => (rule, number, index)))];
        _words = (_rules.Length + BitsPerWord - 1) / BitsPerWord;
        RuleKeys[] keys = [.. _policies.SelectMany(static policy => policy.Keys)];
        _principals = new BitsByText(keys.Select(static key => key.Principals), _words, StringComparer.Ordinal);
        _methods = new BitsByText(keys.Select(static key => key.Methods), _words, StringComparer.OrdinalIgnoreCase);
        _paths = new BitsByPath([.. keys.Select(static key => key.Paths)], _words);
    }

    /// <summary>Whether there are no policies; ones without rules count.</summary>
    public bool IsEmpty => _policies.Length == 0;

    /// <summary>Finds the first rule that matches, in the order of the policies.</summary>
    public bool TryMatch(in AuthorizationRequest request, out CompiledPolicy? policy, out int rule)
    {
        var position = 0;
        return TryMatchNext(in request, ref position, out policy, out rule);
    }

    /// <summary>Finds the next policy that matches, from <paramref name="position"/> on, which begins at 0.</summary>
    public bool TryMatchNext(in AuthorizationRequest request, ref int position, out CompiledPolicy? policy, out int rule)
    {
        if (_words > MaxWordsOnStack)
        {
            return TryMatchMany(in request, ref position, out policy, out rule);
        }

        Span<ulong> candidates = stackalloc ulong[MaxWordsOnStack];
        return TryMatch(in request, candidates[.._words], ref position, out policy, out rule);
    }

    private bool TryMatchMany(in AuthorizationRequest request, ref int position, out CompiledPolicy? policy, out int rule)
    {
        var rented = ArrayPool<ulong>.Shared.Rent(_words);
        try
        {
            return TryMatch(in request, rented.AsSpan(0, _words), ref position, out policy, out rule);
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(rented);
        }
    }

    private bool TryMatch(in AuthorizationRequest request, Span<ulong> candidates, ref int position, out CompiledPolicy? policy, out int rule)
    {
        candidates.Clear();
        _paths.Unite(request.Path, candidates);
        _principals.Intersect(request.Peer?.Principal, candidates);
        _methods.Intersect(request.Method, candidates);
        for (var word = position / BitsPerWord; word < candidates.Length; word++)
        {
            for (var rest = candidates[word]; rest != 0; rest &= rest - 1)
            {
                var number = (word * BitsPerWord) + BitOperations.TrailingZeroCount(rest);
                if (number >= position && _rules[number].Rule.Matches(in request))
                {
                    var (_, owner, index) = _rules[number];
                    (policy, rule, position) = (_policies[owner], index, number - index + _policies[owner].Rules.Length);
                    return true;
                }
            }
        }

        (policy, rule) = (null, -1);
        return false;
    }
}
