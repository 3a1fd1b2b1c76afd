using System.Globalization;
using System.Net;
using System.Text;

namespace Tastemaker.Core.Demo;

/// <summary>The demo's page: one HTML file with its style and chart inside, which shows the pictures in the folders beside it.</summary>
internal static class DemoReport
{
    private const int Worst = 12;

    public static string Write(DemoOptions options, Study study, List<RankedPicture> ranked)
    {
        var last = study.Curve[^1];
        var best = ranked.Take(options.Best).Select((p, i) => (p, $"best/{(i + 1).ToString("00", CultureInfo.InvariantCulture)}-{p.Picture.File}"));
        var worst = ranked.AsEnumerable().Reverse().Take(Worst).Select(p => (p, $"images/{p.Picture.File}"));
        return $$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Tastemaker demo</title>
            <style>
            {{Style}}
            </style>
            </head>
            <body>
            <main>
            <p class="notice"><strong>Simulated.</strong> The pictures are painted by a program and the person who judged them is made up: a hidden
            taste drawn from seed {{options.Seed}}, partly for things that the features below cannot see, with the moods of a real one.
            Everything else is the real thing: the features, the learning, the test.</p>

            <header>
            <h1>{{study.Learned}} choices, one taste</h1>
            <p class="lead">{{options.Images}} pictures were painted. A person looked at pairs and said which one they liked better. From {{study.Learned}} of
            these choices Tastemaker learned what they like, and then foretold {{study.KeptOut}} choices between pictures it had never seen judged.</p>
            </header>

            <section class="figures">
            {{Figure(Percent(last.HeldOut.Rate), "foretold", $"{last.HeldOut.Agreed} of {last.HeldOut.Of} kept-out choices; 95 % interval {Percent(last.HeldOut.Low)} to {Percent(last.HeldOut.High)}", "main")}}
            {{Figure(Percent(SimulatedPerson.Repeatability), "the person themself", "how often they choose alike when the same pair is shown again", "")}}
            {{Figure(Percent(study.Ceiling), "the most possible", "how often their choices follow their own true order", "")}}
            {{Figure("50 %", "chance", "what a coin would foretell", "")}}
            </section>

            <section>
            <h2>Learning</h2>
            {{LearningChart.Draw(study)}}
            <p class="caption">Dots: kept-out choices that were foretold, with Wilson's 95 % intervals; all dots are tested on the same {{study.KeptOut}} choices.
            Line: the same with endlessly many choices between the kept-out pictures, which only a simulated person can give.
            Of pictures and choices in the test, none was learned from.</p>
            </section>

            <section>
            <h2>The best {{options.Best}} of {{options.Images}}</h2>
            <p class="caption">By the learned score, over all pictures. They lie in <code>best/</code>.</p>
            {{Wall(best, "wall")}}
            </section>

            <section>
            <h2>What was liked</h2>
            <p class="caption">Mean learned score of the pictures with this part in their prompt; 0 is the average picture, 1 a deviation above it. The model sees
            pixels, not prompts.</p>
            <div class="parts">
            {{Parts("Subject", ranked, p => p.Picture.Prompt.Subject)}}
            {{Parts("Arrangement", ranked, p => p.Picture.Prompt.Action)}}
            {{Parts("Light and technique", ranked, p => p.Picture.Prompt.Suffix)}}
            </div>
            </section>

            <section>
            <h2>The other end</h2>
            {{Wall(worst, "wall small")}}
            </section>

            <footer>Features: <code>gist</code>, {{ranked[0].Picture.Features.Length}} measures of colour, layout and texture, without any network.
            Model: a Bayesian preference model over gist features. Seed {{options.Seed}}.</footer>
            </main>
            </body>
            </html>

            """;
    }

    private static string Figure(string number, string name, string meaning, string kind) =>
        $"""<div class="figure {kind}"><b>{number}</b><span>{name}</span><small>{meaning}</small></div>""";

    private static string Wall(IEnumerable<(RankedPicture Picture, string Path)> pictures, string kind)
    {
        var html = new StringBuilder($"<div class=\"{kind}\">");
        foreach (var (picture, path) in pictures)
        {
            var text = WebUtility.HtmlEncode(picture.Picture.Prompt.Text);
            html.AppendLine().Append($"""<figure><a href="{path}"><img src="{path}" alt="{text}" loading="lazy"></a><figcaption>{text}</figcaption></figure>""");
        }

        return html.AppendLine().Append("</div>").ToString();
    }

    private static string Parts(string title, List<RankedPicture> ranked, Func<RankedPicture, string> part)
    {
        var mean = ranked.Average(p => p.Score);
        var deviation = Math.Max(1e-9, Math.Sqrt(ranked.Average(p => (p.Score - mean) * (p.Score - mean))));
        var rows = ranked.GroupBy(part).Select(g => (Name: g.Key, Score: (g.Average(p => p.Score) - mean) / deviation, Count: g.Count())).OrderByDescending(r => r.Score);
        var html = new StringBuilder($"<div><h3>{title}</h3>");
        foreach (var (name, score, count) in rows)
        {
            var length = Math.Min(50, Math.Abs(score) / 2 * 50);
            var start = score < 0 ? 50 - length : 50;
            html.AppendLine().Append(string.Create(CultureInfo.InvariantCulture,
                $"""<div class="part"><span>{WebUtility.HtmlEncode(name)} <i>{count}</i></span><span class="bar"><i class="{(score < 0 ? "less" : "more")}" style="left:{start:0.#}%;width:{length:0.#}%"></i></span><span class="score">{(score <= -0.05 ? "−" : "+")}{Math.Abs(score):0.0}</span></div>"""));
        }

        return html.AppendLine().Append("</div>").ToString();
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} %");

    private const string Style = """
        :root { color-scheme: light dark; --ground: #faf9f6; --ink: #23211e; --quiet: #77726a; --line: #e3dfd7; --accent: #b4532a; --soft: #f1eee7; }
        @media (prefers-color-scheme: dark) {
          :root { --ground: #161514; --ink: #ebe7df; --quiet: #98928a; --line: #33302c; --accent: #e58a5e; --soft: #201e1c; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.6 ui-sans-serif, system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
        main { max-width: 1120px; margin: 0 auto; padding: 32px 28px 72px; }
        h1 { font: 400 clamp(2.2rem, 5vw, 3.4rem)/1.1 ui-serif, Georgia, "Times New Roman", serif; letter-spacing: -.015em; margin: 56px 0 16px; }
        h2 { font: 400 1.6rem/1.2 ui-serif, Georgia, "Times New Roman", serif; margin: 72px 0 8px; }
        h3 { font-size: .8rem; font-weight: 600; letter-spacing: .06em; text-transform: uppercase; color: var(--quiet); margin: 16px 0 10px; }
        .lead { max-width: 44em; font-size: 1.1rem; color: var(--ink); margin: 0; }
        .notice { background: var(--soft); border-left: 3px solid var(--accent); padding: 12px 18px; margin: 0; font-size: .92rem; color: var(--quiet); }
        .notice strong { color: var(--accent); }
        .caption { max-width: 52em; color: var(--quiet); font-size: .9rem; margin: 4px 0 18px; }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 28px; margin-top: 44px; }
        .figure { border-top: 1px solid var(--line); padding-top: 14px; }
        .figure.main { border-top: 2px solid var(--accent); }
        .figure b { display: block; font: 400 2.7rem/1 ui-serif, Georgia, "Times New Roman", serif; font-variant-numeric: lining-nums; }
        .figure.main b { color: var(--accent); }
        .figure span { display: block; margin-top: 8px; }
        .figure small { display: block; color: var(--quiet); line-height: 1.4; margin-top: 2px; }
        .chart { width: 100%; max-width: 860px; height: auto; margin: 14px 0 6px; font-size: 12px; }
        .chart .grid { stroke: var(--line); }
        .chart .tick { fill: var(--quiet); }
        .chart .label { fill: var(--quiet); }
        .chart .reference { stroke: var(--quiet); stroke-dasharray: 2 5; }
        .chart .curve { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
        .chart .whisker { stroke: var(--accent); stroke-opacity: .35; stroke-width: 1.5; }
        .chart .dot { fill: var(--ground); stroke: var(--accent); stroke-width: 2; }
        .wall { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: 18px 14px; }
        .wall.small { grid-template-columns: repeat(auto-fill, minmax(110px, 1fr)); }
        figure { margin: 0; }
        img { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 3px; background: var(--soft); }
        figcaption { color: var(--quiet); font-size: .76rem; line-height: 1.35; margin-top: 6px; }
        .parts { display: grid; grid-template-columns: repeat(auto-fit, minmax(290px, 1fr)); gap: 12px 44px; }
        .part { display: grid; grid-template-columns: 12em 1fr 2.6em; gap: 10px; align-items: center; font-size: .86rem; line-height: 1.75; }
        .part > span:first-child i { color: var(--quiet); font-style: normal; font-size: .75em; }
        .bar { position: relative; height: 8px; border-radius: 4px; background: var(--soft); }
        .bar i { position: absolute; top: 0; bottom: 0; border-radius: 4px; }
        .bar .more { background: var(--accent); }
        .bar .less { background: var(--quiet); opacity: .55; }
        .score { text-align: right; font-variant-numeric: tabular-nums; color: var(--quiet); }
        code { font-size: .92em; }
        footer { margin-top: 72px; padding-top: 16px; border-top: 1px solid var(--line); color: var(--quiet); font-size: .85rem; }
        """;
}
