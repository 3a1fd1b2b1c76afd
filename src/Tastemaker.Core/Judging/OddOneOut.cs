namespace Tastemaker.Core.Judging;

/// <summary>Of the choices that person, Elo and model each had a word on: how often all agreed, and who stood alone.</summary>
/// <param name="Elo">Elo expected the other image, the model did not.</param>
/// <param name="Model">The model expected the other image, Elo did not.</param>
/// <param name="Person">Both expected the other image.</param>
/// <param name="Undecided">Elo or the model expected neither.</param>
public readonly record struct OddOneOut(int AllAgree, int Elo, int Model, int Person, int Undecided)
{
    public int ModelWithPerson => AllAgree + Elo;

    public int EloWithPerson => AllAgree + Model;

    public int EloWithModel => AllAgree + Person;

    /// <summary>One choice more.</summary>
    /// <param name="eloLead">Of the winner over the loser, before the scores moved.</param>
    /// <param name="modelLead">The same by the model, on any scale with 0 for neither.</param>
    internal OddOneOut With(double eloLead, double modelLead) => (eloLead, modelLead) switch
    {
        (0, _) or (_, 0) => this with { Undecided = Undecided + 1 },
        ( > 0, > 0) => this with { AllAgree = AllAgree + 1 },
        ( < 0, < 0) => this with { Person = Person + 1 },
        (_, < 0) => this with { Model = Model + 1 },
        _ => this with { Elo = Elo + 1 },
    };
}
