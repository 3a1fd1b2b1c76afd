using System.Text;
using Tastemaker.Core.Data.Prompts;

namespace Tastemaker.Tests.Core.Data.Prompts;

public sealed class OpenPromptTests
{
    private const string Cdn = "https://cdn.example/1/2/a_cat_";

    [Fact]
    public void A_row_with_settings_is_read_as_it_is()
    {
        var row = Read($$$"""
            {"image_uri": "PENDING", "modifiers": ["a", {"seed": 1}], "raw_discord_data": {"seed": 4294967295, "width": 512, "height": 768, "content": "",
             "is_grid": 0, "num_step": 50, "cfg_scale": 7.5, "image_uri": "{{{Cdn}}}-S_9_ts-1660001285_idx-4.png", "timestamp": 1660001285, "num_generations": 9}}
            """);

        Assert.Equal((4294967295, 512, 768, 50, 7.5), (row.Seed, row.Width, row.Height, row.Steps, row.Cfg));
        Assert.Equal((4, 9, 1660001285L), (row.Index, row.Images, row.Time));
        Assert.Null(row.OwnSeed);
        Assert.False(row.IsRepaired);
        Assert.Equal($"{Cdn}-S_9_ts-1660001285_idx-4.png", Encoding.UTF8.GetString(row.Url));
    }

    [Theory]
    [InlineData(0, 9, 0, 42L)]
    [InlineData(3, 1, 0, 42L)]
    [InlineData(3, 9, 0, null)]
    [InlineData(0, 9, 1, null)]
    public void The_seed_is_the_images_own_only_for_the_first_of_a_message_and_never_for_a_grid(int index, int images, int isGrid, long? own)
    {
        var row = Read($$$"""{"raw_discord_data": {"seed": 42, "num_generations": {{{images}}}, "is_grid": {{{isGrid}}}, "image_uri": "{{{Cdn}}}idx_-S_42_ts-1_idx-{{{index}}}.png"}}""");

        Assert.Equal(own, row.OwnSeed);
    }

    [Fact]
    public void A_row_without_settings_takes_them_from_the_message_and_its_own_seed_from_the_list()
    {
        var row = Read($$$"""
            {"image_uri": "https://store.example/x.png", "raw_discord_data": {"width": 832, "content":
             "Dreamt in `43.21s` for <@123>'s `!dream \"a \"cat\" -S 1 -s 2\" -W 640 -H 704 -C 20.5 -n 3 -i -A k_euler -s 100 -S 523269888` The seeds for each individual image are: [7, 523269888, 9]",
             "image_uri": "{{{Cdn}}}_-C_20.5_-n_3_-i_-s_100_-S_523269888_ts-1660206678_idx-2.png"}}
            """);

        Assert.True(row.IsRepaired);
        Assert.Equal((523269888, 832, 704, 100, 20.5), (row.Seed, row.Width, row.Height, row.Steps, row.Cfg));
        Assert.Equal((3, 2, 9, "k_euler", 1660206678L), (row.Images, row.Index, row.OwnSeed, row.Sampler, row.Time));
        Assert.Equal("https://store.example/x.png", Encoding.UTF8.GetString(row.Url));
    }

    [Fact]
    public void A_row_without_settings_or_message_takes_them_from_the_file_name()
    {
        var row = Read($$$"""{"raw_discord_data": {"image_uri": "{{{Cdn}}}_-_s_-W_768_-n_9_-i_-s_30_-S_77_ts-1660206678_idx-0.png"}}""");

        Assert.Equal((77, 768, 30, 9), (row.Seed, row.Width, row.Steps, row.Images));
        Assert.Equal((77, true, null), (row.OwnSeed, row.IsRepaired, row.Cfg));
    }

    [Fact]
    public void Nothing_of_one_row_is_left_in_the_next()
    {
        var row = Read("""{"raw_discord_data": {"seed": 1, "num_step": 3, "content": "x", "image_uri": "http://a/_idx-0.png"}}""");

        Assert.True(row.TryRead("""{"raw_discord_data": {}}"""u8));

        Assert.Equal((null, null, null, null, false), (row.Seed, row.OwnSeed, row.Steps, row.Index, row.IsRepaired));
        Assert.True(row.Url.IsEmpty);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("""{"raw_discord_data": {"seed": 1""")]
    [InlineData("""{"raw_discord_data": {"seed": 1}} trailing""")]
    [InlineData("""{"raw_discord_data": {"content": "\ud800"}}""")]
    [InlineData("""{"raw_discord_data": 7}""")]
    [InlineData("""{"prompt": "no settings at all"}""")]
    [InlineData("""{"raw_discord_data": {"a": [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}}""")]
    public void What_is_no_JSON_of_an_image_is_refused(string json) => Assert.False(new OpenPrompt().TryRead(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("""{"raw_discord_data": {"seed": "42", "width": null, "num_step": 1e300, "cfg_scale": [1], "height": 5.5}}""")]
    public void Settings_of_another_type_are_not_there(string json)
    {
        var row = Read(json);

        Assert.Equal((null, null, null, null, null), (row.Seed, row.Width, row.Steps, row.Cfg, row.Height));
    }

    [Theory]
    [InlineData("a cat <@123> by <@!45>", "a cat  by")]
    [InlineData("<#99> <@&7>dog <3", "dog <3")]
    public void Ids_of_people_leave_a_prompt(string prompt, string expected) => Assert.Equal(expected, OpenPrompt.WithoutIds(prompt));

    [Theory]
    [InlineData("512", 512, 512)]
    [InlineData("20..50", 20, 50)]
    [InlineData("7.5..", 7.5, double.PositiveInfinity)]
    [InlineData("..3", double.NegativeInfinity, 3)]
    public void A_range_is_read(string text, double low, double high) => Assert.Equal(new(low, high), NumberRange.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("5..2")]
    [InlineData("x")]
    [InlineData("nan")]
    public void What_is_no_range_is_refused(string text) => Assert.Throws<FormatException>(() => NumberRange.Parse(text));

    private static OpenPrompt Read(string json)
    {
        var row = new OpenPrompt();
        Assert.True(row.TryRead(Encoding.UTF8.GetBytes(json)));
        return row;
    }
}
